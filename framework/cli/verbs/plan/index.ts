import { cpus } from 'node:os'
import { forecast } from '../../../plan/estimate.ts'
import type { Planned } from '../../../plan/plan.ts'
import { type PlanReport, planReporter } from '../../../report/plan.ts'
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
    output.show(
      planReporter,
      planReport(workspace, { world, plan, comments }, durations.value, cpus().length, command),
    )
    return options.exitCode && steps.length > 0 ? EXIT.notFresh : EXIT.done
  })
}

/** A plan as `plan` and `materialize --dry-run` show it. `command`: what would execute it. */
export function planReport(
  { site }: Workspace,
  { world, plan, comments }: Pick<Planned, 'world' | 'plan' | 'comments'>,
  durations: ReadonlyMap<string, number>,
  lanes: number,
  command: string,
): PlanReport {
  const { name: project } = site.project
  const timed = forecast(world.graph, plan, durations, lanes)
  return { ...plan, ...timed, comments, project, target: site.target.name, command }
}
