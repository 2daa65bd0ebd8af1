import { existsSync } from 'node:fs'
import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { literal, quoted } from '../../engines/duckdb/names.ts'
import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'

/** What a view of dbt-duckdb may need to be read: what dbt's own session has. */
export interface AsDbt {
  readonly extensions: readonly string[]
  readonly attached: readonly Attached[]
  /** Settings of each connection, by name. */
  readonly settings: Readonly<Record<string, string>>
}

interface Attached {
  /** Absolute; null for what is no file, or needs a secret. */
  readonly file: string | null
  readonly alias: string | null
  readonly type: string | null
}

export const NOT_AS_DBT: AsDbt = { extensions: [], attached: [], settings: {} }

/** The part of the settings that `from-dbt.ts` adds. */
export function asDbtOf({ settings }: AdapterSettings): AsDbt {
  const { extensions, attach, settings: given } = settings
  return {
    extensions: listOf(extensions).flatMap((one) => nameOfExtension(one) ?? []),
    attached: listOf(attach).flatMap((one) => (isObject(one) ? [attachedOf(one)] : [])),
    settings: Object.fromEntries(
      Object.entries(isObject(given) ? given : {}).map(([key, value]) => [key, String(value)]),
    ),
  }
}

/**
 * Loads the extensions, and attaches the databases, read-only. A database whose file does not exist yet is
 * left out: dbt creates it. Problem `warehouse-attach`.
 */
export async function prepareAsDbt(run: RunStatement, like: AsDbt): Promise<Result<void>> {
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
  for (const { file, alias, type } of like.attached) {
    if (file === null || !existsSync(file)) continue
    const as = alias === null ? '' : ` as ${quoted(alias)}`
    const options = ['read_only', ...(type === null ? [] : [`type ${quoted(type)}`])].join(', ')
    try {
      await run(`attach if not exists ${literal(file)}${as} (${options})`)
    } catch (error) {
      return fail(notAttached(file, (error as Error).message))
    }
  }
  return ok(undefined)
}

/** The statements that every connection starts with. */
export function sessionStatements({ settings }: AsDbt): readonly string[] {
  return Object.entries(settings).map(([key, value]) => `set ${quoted(key)} = ${literal(value)}`)
}

function attachedOf({
  path,
  alias,
  type,
  secret,
  options,
}: Readonly<Record<string, Json>>): Attached {
  const isFile = typeof path === 'string' && path.startsWith('/')
  const needsSecret = typeof secret === 'string' || (isObject(options) && 'secret' in options)
  return {
    file: isFile && !needsSecret ? path : null,
    alias: typeof alias === 'string' ? alias : null,
    type: typeof type === 'string' ? type : null,
  }
}

function nameOfExtension(extension: Json): string | null {
  if (typeof extension === 'string') return extension
  return isObject(extension) && typeof extension.name === 'string' ? extension.name : null
}

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : []

const isObject = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function notAttached(file: string, message: string): Problem {
  return {
    code: 'warehouse-attach',
    message: `${file}, which dbt's profile attaches, can't be attached: ${message.split('\n')[0]}`,
    hint: 'close the program that has it open, or correct `attach` of the profile',
  }
}
