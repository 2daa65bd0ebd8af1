import { ok, type Problem, type Result } from '../model/problem.ts'
import { requestOf, type Scope } from '../plan/scope.ts'
import { type Decisions, fold } from '../staleness/fold.ts'
import type { Look } from '../staleness/gather.ts'
import type { Request, World } from '../staleness/world.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { askDbt, choose, type SelectArguments, statesOf } from './selecting.ts'
import { type Survey, survey } from './survey.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface LookOptions extends SelectArguments {
  readonly target: string | null
  readonly offline: boolean
  readonly only: boolean
  /** `verdicts`: no record of what is fresh will be shown. */
  readonly detail?: 'records' | 'verdicts'
  /** What is new in each run is not new at each look; left out, as a run would find it. */
  readonly purpose?: Request['purpose']
}

/** What `status`, `plan` and `why` look at: the world, what was selected, and every verdict. */
export interface View {
  readonly workspace: Workspace
  readonly survey: Survey
  readonly world: World
  readonly scope: Scope
  readonly request: Request
  /** As though the whole selection and its ancestors would be built. */
  readonly decisions: Decisions
}

/**
 * Opens a workspace, looks, decides, and hands the view to `show`, which returns the exit code. Writes
 * nothing but what it observed. What could not be looked at is told and makes the exit code 1.
 */
export async function look(
  context: Context,
  output: Output,
  options: LookOptions,
  show: (view: View) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output)
  if (!opened.ok) return output.tell(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const look: Look = options.offline ? 'offline' : 'online'
    const seen = await survey(workspace, look, options.detail)
    if (!seen.ok) return output.tell(seen.problems, seen.code)
    const view = await viewOf(workspace, seen.value, options, output)
    if (!view.ok) return output.tell(view.problems, EXIT.usage)
    const unseen = seen.value.look === 'online' ? seen.value.gathered.problems : []
    const code = await show(view.value)
    return unseen.length > 0 ? output.tell(unseen, EXIT.failed) : code
  } finally {
    await workspace.close()
  }
}

async function viewOf(
  workspace: Workspace,
  seen: Survey,
  options: LookOptions,
  output: Output,
): Promise<Result<View>> {
  const { world } = seen.gathered
  const now = workspace.site.clock()
  const chosen = await choose(options, {
    project: workspace.project,
    graph: world.graph,
    definitions: world.definitions,
    checks: world.checks,
    dbt: () => askDbt(seen.defined, 'as_is'),
    states: async () => ok(statesOf(world, fold(world, { now, inRun: () => true }))),
  })
  if (!chosen.ok) return chosen
  output.warnings(chosen.value.warnings)
  const scope: Scope = { ...chosen.value, only: options.only }
  const request = requestOf(world.graph, scope, now, options.purpose)
  const decisions = fold(world, request)
  return ok({ workspace, survey: seen, world, scope, request, decisions })
}

/** Problems of one list, as a result, for verbs that read history. */
export function problemsOf(...results: readonly Result<unknown>[]): readonly Problem[] {
  return results.flatMap((result) => (result.ok ? [] : result.problems))
}
