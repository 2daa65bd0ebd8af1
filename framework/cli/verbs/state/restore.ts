import { join } from 'node:path'
import { ok, type Problem, type Result } from '../../../model/problem.ts'
import type { State } from '../../../ports/state.ts'
import type { RowCounts } from '../../../ports/state-tools.ts'
import { stateRestoreReporter } from '../../../report/state-restore.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import { writeBackup } from './backup.ts'
import { backedUpTarget, openCopy, removeFile, stamp } from './state-files.ts'

interface StateRestoreOptions {
  readonly target: string | null
  readonly file: string
}

interface Restored {
  readonly rows: RowCounts
  /** Where the state from before is kept; null if there was nothing in it. */
  readonly kept: string | null
}

/** `assets state restore`: replaces the state by a backup, after a look at the whole backup (SEMANTICS 49). */
export async function stateRestore(
  context: Context,
  output: Output,
  { target, file }: StateRestoreOptions,
): Promise<number> {
  const opened = await openWorkspace(context, target, output, { finds: false })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const { site } = workspace
    const copy = await openCopy(context, site, file)
    if (!copy.ok) return await output.fail(copy.problems, EXIT.usage)
    try {
      const tools = await context.registries.stateTools()
      const checked = await tools.check(copy.value.state)
      if (!checked.ok) return await output.fail(checked.problems, EXIT.failed)
      const [damage] = checked.value.damage
      if (damage !== undefined) {
        const detail = `${damage.place}: ${damage.detail}`
        return await output.fail([damagedBackup(file, detail)], EXIT.failed)
      }
      const restored = await restore(context, workspace, copy.value.state, file)
      if (!restored.ok) return await output.fail(restored.problems, EXIT.failed)
      output.show(stateRestoreReporter, { target: site.target.name, file, ...restored.value })
      return EXIT.done
    } finally {
      await copy.value.remove()
    }
  } finally {
    await workspace.close()
  }
}

/** Restores into the present state, or, if that is damaged, into a new one in its place. */
async function restore(
  context: Context,
  workspace: Workspace,
  backup: State,
  file: string,
): Promise<Result<Restored>> {
  const { site } = workspace
  const { state: settings } = site.target
  const own = await workspace.state()
  const first = own.ok ? await replace(context, workspace, backup, own.value, file) : own
  const setAside = await context.registries.states[settings.type]?.setAside?.()
  if (first.ok || setAside === undefined || !isDamage(first.problems)) return first
  if (own.ok) await own.value.close()
  const kept = setAside(settings, site)
  const create = await context.registries.states[settings.type]!.create()
  const created = await create(settings, site)
  if (!created.ok) return created
  try {
    const rows = await restoreInto(context, workspace, backup, created.value, file)
    return rows.ok ? ok({ rows: rows.value, kept }) : rows
  } finally {
    await created.value.close()
  }
}

/** Keeps a copy of a state beside it, then restores into it. */
async function replace(
  context: Context,
  workspace: Workspace,
  backup: State,
  own: State,
  file: string,
): Promise<Result<Restored>> {
  const { site } = workspace
  const kept = join(site.home, `state-before-restore-${stamp(context.clock())}.sqlite`)
  const before = await writeBackup(context, site, own, kept)
  if (!before.ok) return before
  const isEmpty = Object.values(before.value).every((count) => count === 0)
  if (isEmpty) removeFile(kept)
  const rows = await restoreInto(context, workspace, backup, own, file)
  if (!rows.ok && !isEmpty) removeFile(kept)
  return rows.ok ? ok({ rows: rows.value, kept: isEmpty ? null : kept }) : rows
}

async function restoreInto(
  context: Context,
  { site }: Workspace,
  backup: State,
  into: State,
  file: string,
): Promise<Result<RowCounts>> {
  const tools = await context.registries.stateTools()
  return tools.restore(backup, into, {
    target: backedUpTarget(site),
    command: `state restore ${file}`,
  })
}

const isDamage = (problems: readonly Problem[]) =>
  problems.every(({ code }) => code === 'state-corrupted')

function damagedBackup(file: string, detail: string): Problem {
  return {
    code: 'state-corrupted',
    message: `the backup ${file} is damaged; nothing was restored`,
    detail,
    hint: `restore another backup; assets state check ${file} lists all damage`,
  }
}
