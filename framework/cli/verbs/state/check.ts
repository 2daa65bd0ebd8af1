import { resolve } from 'node:path'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { StateCheck } from '../../../ports/state-tools.ts'
import { stateCheckReporter } from '../../../report/state-check.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import { openCopy, same } from './state-files.ts'

interface StateCheckOptions {
  readonly target: string | null
  readonly file: string | null
}

/** `assets state check`: reads every row of a state, or of a backup. Exits with 1 for damage. */
export async function stateCheck(
  context: Context,
  output: Output,
  { target, file }: StateCheckOptions,
): Promise<number> {
  const opened = await openWorkspace(context, target, output, { finds: false })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const isOwn = file === null || same(workspace.site, resolve(context.cwd, file), file) !== null
    const checked = isOwn
      ? await checkOwn(context, workspace)
      : await checkFile(context, workspace, file)
    if (!checked.ok) return await output.fail(checked.problems, EXIT.failed)
    const { site } = workspace
    const { rows, damage } = checked.value
    output.show(stateCheckReporter, { target: site.target.name, file, rows, damage })
    return damage.length === 0 ? EXIT.done : EXIT.failed
  } finally {
    await workspace.close()
  }
}

async function checkOwn(context: Context, workspace: Workspace): Promise<Result<StateCheck>> {
  const tools = await context.registries.stateTools()
  const state = await workspace.state()
  return state.ok ? tools.check(state.value) : unopened(state)
}

async function checkFile(
  context: Context,
  { site }: Workspace,
  file: string,
): Promise<Result<StateCheck>> {
  const tools = await context.registries.stateTools()
  const copy = await openCopy(context, site, file)
  if (!copy.ok) return unopened(copy)
  try {
    return await tools.check(copy.value.state)
  } finally {
    await copy.value.remove()
  }
}

/** Damage that keeps a state from being opened is a finding as well. */
function unopened(refused: Extract<Result<unknown>, { ok: false }>): Result<StateCheck> {
  const { problems } = refused
  if (problems.some(({ code }) => code !== 'state-corrupted')) return fail(...problems)
  const damage = problems.map(({ message, detail }) => ({
    place: 'the database',
    detail: detail ?? message,
  }))
  return ok({ rows: {}, damage })
}
