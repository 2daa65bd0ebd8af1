import type { Problem } from '../../../model/problem.ts'
import { NO_OUTCOMES } from '../../../model/step.ts'
import type { State } from '../../../ports/state.ts'
import { stateCopyReporter } from '../../../report/state-copy.ts'
import { type Context, EXIT } from '../../context.ts'
import { acquire } from '../../lease.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import { openFile } from './state-files.ts'

export interface StateCopyOptions {
  readonly target: string | null
  readonly from: string | null
  readonly to: string | null
  readonly replace: boolean
}

/** A state, with its name in messages. */
interface NamedState {
  readonly name: string
  readonly state: State
}

/**
 * `assets state copy`: copies the records of a target between its `state:` and a SQLite file. The command
 * line takes no URL of a server, since other users can see command lines with their passwords.
 */
export async function stateCopy(
  context: Context,
  output: Output,
  options: StateCopyOptions,
): Promise<number> {
  const file = options.from ?? options.to
  if (file === null || (options.from !== null && options.to !== null)) {
    const problem: Problem = {
      code: 'usage',
      message: 'state copy needs either --from FILE or --to FILE',
      hint: 'the other side is the `state:` of the target; to copy between servers, copy to a file first',
    }
    return output.fail([problem], EXIT.usage)
  }
  const opened = await openWorkspace(context, options.target, output, { finds: false })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const own = await workspace.state()
    if (!own.ok) return await output.fail(own.problems, EXIT.failed)
    const other = await openFile(context, workspace.site, file, options.from !== null)
    if (!other.ok) return await output.fail(other.problems, EXIT.usage)
    const configured: NamedState = { name: 'its `state:`', state: own.value }
    const inFile: NamedState = { name: file, state: other.value }
    try {
      return options.from === null
        ? await copy(context, output, workspace, configured, inFile, options.replace)
        : await copy(context, output, workspace, inFile, configured, options.replace)
    } finally {
      await inFile.state.close()
    }
  } finally {
    await workspace.close()
  }
}

/** Copies while holding the lease of the origin, so that no run changes it meanwhile. */
async function copy(
  context: Context,
  output: Output,
  workspace: Workspace,
  from: NamedState,
  to: NamedState,
  replace: boolean,
): Promise<number> {
  const target = workspace.site.target.name
  const request = { command: `state copy to ${to.name}`, job: null, wait: false }
  const lease = await acquire(workspace, from.state, context, output, request)
  if (!lease.ok) return output.fail(lease.problems, EXIT.failed)
  if (lease.value === null) return EXIT.busy
  const tools = await context.registries.stateTools()
  const copied = await tools.copy(from.state, to.state, { target, replace, lease: lease.value })
  const outcome = copied.ok ? 'succeeded' : 'failed'
  const released = await lease.value.release({ outcome, counts: NO_OUTCOMES })
  if (!copied.ok) return output.fail(copied.problems, EXIT.failed)
  if (!released.ok) return output.fail(released.problems, EXIT.failed)
  const rows = copied.value
  output.show(stateCopyReporter, { target, from: from.name, to: to.name, rows })
  return EXIT.done
}
