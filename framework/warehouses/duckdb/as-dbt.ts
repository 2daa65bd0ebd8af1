import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { literal, quoted } from '../../engines/duckdb/names.ts'
import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import { type Attachment, attachmentsOf, isDuckdbFile, isObject, listOf } from './attachment.ts'
import { LOCKED, locked } from './problems.ts'

/** What a view of dbt-duckdb may need to be read: what dbt's own session has. */
export interface AsDbt {
  readonly extensions: readonly string[]
  readonly attached: readonly Attachment[]
  /** Settings of each connection, by name. */
  readonly settings: Readonly<Record<string, string>>
}

export const NOT_AS_DBT: AsDbt = { extensions: [], attached: [], settings: {} }

/** How to wait for a file that another process has open. */
export interface Patience {
  /** Milliseconds in all. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** Called once, with a `ProblemError`. */
  readonly onLocked: (error: unknown) => void
}

/** The part of the settings that `from-dbt.ts` adds. */
export function asDbtOf({ settings }: AdapterSettings): AsDbt {
  const { extensions, attach, settings: given } = settings
  return {
    extensions: listOf(extensions).flatMap((one) => nameOfExtension(one) ?? []),
    attached: attachmentsOf(attach),
    settings: Object.fromEntries(
      Object.entries(isObject(given) ? given : {}).map(([key, value]) => [key, String(value)]),
    ),
  }
}

/**
 * Loads the extensions, and attaches the databases, read-only. A database whose file does not exist yet is
 * left out: dbt creates it. Returns why others could not be attached, by alias: one of another format needs an
 * extension, which need not be here. Problems: `warehouse-locked`, `warehouse-attach` for a DuckDB file.
 */
export async function prepareAsDbt(
  run: RunStatement,
  like: AsDbt,
  patience: Patience,
): Promise<Result<ReadonlyMap<string, string>>> {
  for (const extension of like.extensions) {
    try {
      await run(`load ${quoted(extension)}`)
    } catch {
      // It is not installed yet. Without it, a view that needs it says so when it is read.
      await run(`install ${quoted(extension)}`)
        .then(() => run(`load ${quoted(extension)}`))
        .catch(() => undefined)
    }
  }
  const refused = new Map<string, string>()
  for (const one of like.attached) {
    if (one.file === null || !existsSync(one.file)) continue
    const problem = await attach(run, one, one.file, patience)
    if (problem === null) continue
    if (isDuckdbFile(one) || problem.heldByOther === true) return fail(problem)
    refused.set(one.alias, problem.message)
  }
  return ok(refused)
}

/** The statements that every connection starts with. `searchFolder` is as in `DuckdbOpenOptions`. */
export function sessionStatements(options: {
  readonly like: AsDbt
  readonly searchFolder: string | null
}): readonly string[] {
  const { like, searchFolder } = options
  const statements = Object.entries(like.settings).map(
    ([key, value]) => `set ${quoted(key)} = ${literal(value)}`,
  )
  // A comma would separate two folders.
  if (searchFolder === null || searchFolder.includes(',')) return statements
  return [`set file_search_path = ${literal(searchFolder)}`, ...statements]
}

/** Attaches a file, when the process that has it open closes it in time. Returns why not; null if it is attached. */
async function attach(
  run: RunStatement,
  { alias, type }: Attachment,
  file: string,
  { timeout, signal, onLocked }: Patience,
): Promise<Problem | null> {
  const options = ['read_only', ...(type === 'duckdb' ? [] : [`type ${quoted(type)}`])].join(', ')
  let delay = 50
  for (let waited = 0; ; waited += delay) {
    try {
      await run(`attach if not exists ${literal(file)} as ${quoted(alias)} (${options})`)
      return null
    } catch (error) {
      const problem = notAttached(file, alias, error)
      if (problem.heldByOther !== true || waited >= timeout || signal.aborted) return problem
      if (waited === 0) onLocked(new ProblemError(problem))
      await wait(delay, undefined, { signal }).catch(() => undefined)
      delay = Math.min(delay * 2, 500)
    }
  }
}

function nameOfExtension(extension: Json): string | null {
  if (typeof extension === 'string') return extension
  return isObject(extension) && typeof extension.name === 'string' ? extension.name : null
}

function notAttached(file: string, alias: string, error: unknown): Problem {
  const { message } = error as Error
  const shown = `${file}, which dbt's profile attaches as ${alias},`
  const lock = message.match(LOCKED)
  if (lock !== null) return locked(shown, lock)
  return {
    code: 'warehouse-attach',
    message: `${shown} can't be attached: ${message.split('\n')[0]}`,
    hint: 'correct `attach` of the profile',
  }
}
