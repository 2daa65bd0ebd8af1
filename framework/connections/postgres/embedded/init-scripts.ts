import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { Pointer } from '../../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { EmbeddedSettings } from '../settings.ts'
import type { Failure, Script } from './worker-messages.ts'

/** What an embedded source is made from. */
export interface Origin {
  readonly scripts: readonly Script[]
  readonly hash: string
}

/** Reads the init files. Problems: none declared; each that can't be read, at its place in YAML. */
export function readOrigin(root: string, settings: EmbeddedSettings, at: Pointer): Result<Origin> {
  const { init } = settings
  if (init.length === 0) {
    return fail({
      code: 'embedded-init-missing',
      message: 'an embedded source needs SQL files to be made from',
      at,
      hint: 'add embedded: {init: [schema.sql, rows.sql]}, or set url to a PostgreSQL server',
    })
  }
  const problems: Problem[] = []
  const scripts = init.flatMap((file, index): readonly Script[] => {
    try {
      return [{ file, sql: readFileSync(join(root, file), 'utf8') }]
    } catch (error) {
      problems.push({
        code: 'embedded-init-unreadable',
        message: `${file}, from which the embedded source is made, can't be read`,
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

/** An init file that PostgreSQL refused, at the place it named. */
export function scriptProblem(scripts: readonly Script[], failure: Failure): Problem | null {
  const script = scripts.find(({ file }) => file === failure.file)
  if (script === undefined) return null
  // PostgreSQL counts characters, JavaScript UTF-16 units.
  const { position } = failure
  const before = position === null ? null : [...script.sql].slice(0, position - 1).join('')
  const lines = before?.split('\n')
  const place =
    lines === undefined
      ? {}
      : { at: { file: script.file, line: lines.length, column: lines.at(-1)!.length + 1 } }
  return {
    code: 'embedded-init-failed',
    message: `${script.file} fails: ${failure.message}`,
    hint: 'the embedded source was not made; mend the file and repeat the command',
    ...place,
  }
}
