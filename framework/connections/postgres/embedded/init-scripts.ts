import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { Pointer } from '../../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { EmbeddedSettings } from '../settings.ts'
import type { InitScript, WorkerFailure } from './worker-messages.ts'

/** The SQL files that create an embedded source. `hash` covers the files and the settings. */
export interface InitScripts {
  readonly scripts: readonly InitScript[]
  readonly hash: string
}

/** Reads the init files. Problems: none declared; a file can't be read, at its location in the YAML. */
export function readInitScripts(
  root: string,
  settings: EmbeddedSettings,
  at: Pointer,
): Result<InitScripts> {
  const { init } = settings
  if (init.length === 0) {
    return fail({
      code: 'embedded-init-missing',
      message: 'embedded.init is missing: an embedded source is created from SQL files',
      at,
      hint: 'add embedded: {init: [schema.sql, rows.sql]}, or set url to a PostgreSQL server',
    })
  }
  const problems: Problem[] = []
  const scripts = init.flatMap((file, index): readonly InitScript[] => {
    try {
      return [{ file, sql: readFileSync(resolve(root, file), 'utf8') }]
    } catch (error) {
      problems.push({
        code: 'embedded-init-unreadable',
        message: `${file}, an init file of the embedded source, can't be read`,
        detail: (error as Error).message,
        at: { file: at.file, path: [...at.path, 'embedded', 'init', index] },
      })
      return []
    }
  })
  if (problems.length > 0) return fail(...problems)
  const parts = scripts.flatMap(({ file, sql }) => [file, sql])
  return ok({ scripts, hash: hash(stableJson(settings.settings), ...parts) })
}

/** The problem of an init file that failed, at the position that PostgreSQL reports; null if none did. */
export function scriptProblem(
  scripts: readonly InitScript[],
  failure: WorkerFailure,
): Problem | null {
  const script = scripts.find(({ file }) => file === failure.file)
  if (script === undefined) return null
  // PostgreSQL counts characters, JavaScript UTF-16 units.
  const { position } = failure
  const before = position === null ? null : [...script.sql].slice(0, position - 1).join('')
  const lines = before?.split('\n')
  const location =
    lines === undefined
      ? {}
      : { at: { file: script.file, line: lines.length, column: lines.at(-1)!.length + 1 } }
  return {
    code: 'embedded-init-failed',
    message: `${script.file} fails: ${failure.message}`,
    hint: 'fix the file, then run the same command again; the embedded source was not created',
    ...location,
  }
}
