import { existsSync, renameSync } from 'node:fs'
import { resolve } from 'node:path'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Site } from '../../../ports/site.ts'
import type { State } from '../../../ports/state.ts'
import type { RowCounts } from '../../../ports/state-tools.ts'
import { stateBackupReporter } from '../../../report/state-backup.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { withState } from '../../with-state.ts'
import { aboutFile, backedUpTarget, openAt, removeFile, same, stamp } from './state-files.ts'

interface StateBackupOptions {
  readonly target: string | null
  readonly file: string | null
  readonly replace: boolean
}

/** `assets state backup`: a moment of the state in a SQLite file, also while a run is going on. */
export function stateBackup(
  context: Context,
  output: Output,
  { target, file, replace }: StateBackupOptions,
): Promise<number> {
  return withState(context, output, { target, finds: false }, async ({ site }, state) => {
    const name = file ?? `state-${stamp(context.clock())}.sqlite`
    const path = resolve(context.cwd, name)
    const refused = same(site, path, name)
    if (refused !== null) return output.fail([refused], EXIT.usage)
    if (existsSync(path) && !replace) {
      const problem = {
        code: 'state-backup-exists',
        message: `${name} exists`,
        hint: 'name another file, or add --replace',
      } as const
      return output.fail([problem], EXIT.usage)
    }
    const rows = await writeBackup(context, site, state, path)
    if (!rows.ok) return output.fail(rows.problems, EXIT.failed)
    output.show(stateBackupReporter, { target: site.target.name, file: name, rows: rows.value })
    return EXIT.done
  })
}

/** Writes a backup, whole or not at all. Problems: `state-corrupted`, those of both databases. */
export async function writeBackup(
  context: Context,
  site: Site,
  state: State,
  path: string,
): Promise<Result<RowCounts>> {
  const temporary = `${path}.${process.pid}`
  const opened = await openAt(context, site, temporary)
  if (!opened.ok) return fail(...opened.problems.map((one) => aboutFile(one, temporary, path)))
  try {
    const tools = await context.registries.stateTools()
    const rows = await tools.backup(state, opened.value, backedUpTarget(site))
    await opened.value.close()
    if (!rows.ok) return rows
    // The log of a file that was there before is not the log of this one.
    removeFile(path)
    renameSync(temporary, path)
    return ok(rows.value)
  } finally {
    removeFile(temporary)
  }
}
