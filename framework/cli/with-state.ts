import type { State } from '../ports/state.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface StateOptions {
  /** null: the default one. */
  readonly target: string | null
  /** As of `openWorkspace`. */
  readonly finds?: boolean
  /** Called before kinds find assets and before the state is opened. An exit code that it returns ends the command. */
  readonly shortcut?: (workspace: Workspace) => Promise<number | null>
}

/**
 * Opens the project at a target (null: the default one) and its state, and closes both after `use`, also
 * when it throws. Returns the exit code of `use`. If one can't be opened, shows the problem and returns
 * its exit code.
 */
export async function withState(
  context: Context,
  output: Output,
  { target, finds = true, shortcut }: StateOptions,
  use: (workspace: Workspace, state: State) => Promise<number>,
): Promise<number> {
  const isShort = shortcut !== undefined
  const opened = await openWorkspace(context, target, output, { finds: finds && !isShort })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const code = (await shortcut?.(workspace)) ?? null
    if (code !== null) return code
    const problems = isShort && finds ? await workspace.find() : []
    if (problems.length > 0) return output.fail(problems, EXIT.usage)
    const state = await workspace.state()
    if (!state.ok) return output.fail(state.problems, EXIT.failed)
    return await use(workspace, state.value)
  } finally {
    await workspace.close()
  }
}
