import type { State } from '../ports/state.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/**
 * Opens the project at a target (null: the default one) and its state, and closes both after `use`, also
 * when it throws. Returns the exit code of `use`. If one can't be opened, shows the problem and returns
 * its exit code. `finds`: as of `openWorkspace`.
 */
export async function withState(
  context: Context,
  output: Output,
  { target, ...options }: { readonly target: string | null; readonly finds?: boolean },
  use: (workspace: Workspace, state: State) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, target, output, options)
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const state = await workspace.state()
    if (!state.ok) return output.fail(state.problems, EXIT.failed)
    return await use(workspace, state.value)
  } finally {
    await workspace.close()
  }
}
