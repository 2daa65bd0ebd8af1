import type { State } from '../ports/state.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/**
 * Opens the project at a target, the default one when it is null, and its state; closes both however
 * `use` ends. The exit code is that of `use`, or of what kept one of them from opening, which is told.
 */
export async function withState(
  context: Context,
  output: Output,
  target: string | null,
  use: (workspace: Workspace, state: State) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, target, output)
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
