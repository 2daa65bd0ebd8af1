import { cpus } from 'node:os'
import { lookAtUnrecorded, unrecordedAssets } from '../../../execute/adopt/candidates.ts'
import { lookAtLeftovers, relationsOfOtherTargets } from '../../../execute/look-at-leftovers.ts'
import { ok, type Result } from '../../../model/problem.ts'
import { forecast } from '../../../plan/estimate.ts'
import {
  fatesOf,
  type LeftoverFate,
  leftoversInScope,
  leftoversOfPlan,
} from '../../../plan/leftovers.ts'
import type { Planned } from '../../../plan/plan.ts'
import type { StateReader } from '../../../ports/state.ts'
import { leftoverLines } from '../../../report/leftovers.ts'
import { type PlanReport, planReporter } from '../../../report/plan.ts'
import type { Look } from '../../../staleness/gather.ts'
import { clockWarnings, inRunOf } from '../../clock-warnings.ts'
import { commandLine } from '../../command-line.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { refusalOf } from '../../refusal.ts'
import { type ViewOptions, withView } from '../../view.ts'
import type { Workspace } from '../../workspace.ts'

export interface PlanOptions extends ViewOptions {
  /** Exit with 4 if something would or may be built. */
  readonly exitCode: boolean
}

/** `assets plan`: what would build, may build, is fresh, and why. */
export async function plan(
  context: Context,
  output: Output,
  options: PlanOptions,
): Promise<number> {
  return withView(context, output, options, async ({ workspace, state, survey, planned }) => {
    const durations = await state.durations(workspace.site.target.name)
    if (!durations.ok) return output.fail(durations.problems, EXIT.failed)
    const { steps } = planned.plan
    const refused = await refusalOf(workspace, survey.defined, planned, null)
    if (refused !== null) return output.fail(refused.problems, refused.code)
    // Of an asset that was not observed it is not known whether its relation exists.
    const { world, plan } = planned
    const comments = survey.look === 'online' ? planned.comments : []
    const command = commandLine(['materialize', ...options.select], options)
    const warnings = await output.warn(clockWarnings(workspace, survey.defined, inRunOf(planned)))
    const left = await planLeftovers(workspace, state, planned, survey.look)
    if (!left.ok) return output.fail(left.problems, EXIT.failed)
    const leftovers = leftoverLines(left.value, false)
    const lanes = cpus().length
    const existing = await existingCount(workspace, survey.look, planned)
    const shown = { durations: durations.value, lanes, command, leftovers, warnings, existing }
    output.show(planReporter, planReport(workspace, { world, plan, comments }, shown))
    return options.exitCode && steps.length > 0 ? EXIT.notFresh : EXIT.done
  })
}

/** The number of assets of a plan that exist and were never built here. Offline, that is not known. */
async function existingCount(
  { kinds, site }: Workspace,
  look: Look,
  { world, request }: Planned,
): Promise<number> {
  if (look === 'offline') return 0
  return unrecordedAssets(await lookAtUnrecorded(world, request, kinds, site), request).length
}

/** What a plan report needs besides the plan. */
interface PlanShown
  extends Pick<PlanReport, 'command' | 'leftovers' | 'warnings' | 'existing' | 'left'> {
  readonly durations: ReadonlyMap<string, number>
  readonly lanes: number
}

/** A plan as `plan` and `materialize --dry-run` show it. `command`: what would execute it. */
export function planReport(
  { site }: Workspace,
  { world, plan, comments }: Pick<Planned, 'world' | 'plan' | 'comments'>,
  { durations, lanes, ...shown }: PlanShown,
): PlanReport {
  const { name: project } = site.project
  const timed = forecast(world.graph, plan, durations, lanes)
  return { ...plan, ...timed, ...shown, comments, project, target: site.target.name }
}

/**
 * What moved assets of the command left at old places, or will leave, and what `--prune` does with it.
 * `offline`: nothing is looked at. Problems: the state can't be read.
 */
export async function planLeftovers(
  { site }: Workspace,
  state: StateReader,
  planned: Planned,
  look: Look,
): Promise<Result<readonly LeftoverFate[]>> {
  const leftovers = [...leftoversInScope(planned), ...leftoversOfPlan(planned)]
  if (leftovers.length === 0) return ok([])
  const others = await relationsOfOtherTargets(state, site)
  if (!others.ok) return others
  const certain = new Set(
    planned.plan.steps.flatMap(({ asset, verdict }) => (verdict === 'stale' ? [asset] : [])),
  )
  const { definitions } = planned.world.parts
  const found = look === 'online' ? await lookAtLeftovers(leftovers, site, definitions) : new Map()
  const isReplaced = (asset: string) => certain.has(asset)
  const { world } = planned
  return ok(fatesOf(leftovers, { world, found, ofOtherTargets: others.value, isReplaced }))
}
