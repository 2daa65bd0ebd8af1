import { ok, type Result } from '../model/problem.ts'
import { type Planned, planFor } from '../plan/plan.ts'
import type { Scope } from '../plan/scope.ts'
import type { State } from '../ports/state.ts'
import { type Context, EXIT, exitCodeFor } from './context.ts'
import type { Output } from './output.ts'
import { choose, type SelectArguments } from './selecting.ts'
import { defineProject, type Survey, survey } from './survey.ts'
import { type StateOptions, withState } from './with-state.ts'
import type { Workspace } from './workspace.ts'

export interface ViewOptions extends SelectArguments {
  readonly target: string | null
  readonly offline: boolean
  readonly only: boolean
  /** `verdicts`: no record of a fresh asset will be shown. */
  readonly detail?: 'records' | 'verdicts'
  /** Left out: `run`, as `materialize` would decide. */
  readonly purpose?: Scope['purpose']
  /** As of `withState`. */
  readonly shortcut?: StateOptions['shortcut']
}

/** What `status`, `plan` and `why` show: the plan of a scope, and what it was made from. */
export interface View {
  readonly workspace: Workspace
  readonly state: State
  readonly survey: Survey
  readonly planned: Planned
}

/**
 * Opens a workspace, gathers, plans, and hands the view to `show`, which returns the exit code. If
 * something could not be observed, the problems are shown and the exit code is 1.
 */
export async function withView(
  context: Context,
  output: Output,
  options: ViewOptions,
  show: (view: View) => Promise<number>,
): Promise<number> {
  const { target, shortcut } = options
  const how = shortcut === undefined ? { target } : { target, shortcut }
  return withState(context, output, how, async (workspace, state) => {
    const defined = await defineProject(workspace)
    if (!defined.ok) return output.fail(defined.problems, EXIT.usage)
    const seen = await survey(workspace, state, defined.value, {
      look: options.offline ? 'offline' : 'online',
      fallsBack: true,
      ...(options.detail === undefined ? {} : { detail: options.detail }),
    })
    if (!seen.ok) return output.fail(seen.problems, exitCodeFor(seen.problems))
    const planned = await planView(workspace, seen.value, options, output)
    if (!planned.ok) return output.fail(planned.problems, EXIT.usage)
    const unseen = seen.value.look === 'online' ? seen.value.gathered.problems : []
    output.foresee(unseen)
    const code = await show({ workspace, state, survey: seen.value, planned: planned.value })
    return unseen.length > 0 ? output.fail(unseen, EXIT.failed) : code
  })
}

async function planView(
  workspace: Workspace,
  { defined, gathered }: Survey,
  options: ViewOptions,
  output: Output,
): Promise<Result<Planned>> {
  const { world } = gathered
  const chosen = await choose(options, { workspace, defined, world })
  if (!chosen.ok) return chosen
  output.warnings(chosen.value.warnings)
  const scope = { ...chosen.value, only: options.only, purpose: options.purpose ?? 'run' }
  return ok(planFor(world, scope, workspace.site.clock()))
}
