import { cpus } from 'node:os'
import { forecast } from '../plan/estimate.ts'
import { plan as planOf } from '../plan/plan.ts'
import { planReporter } from '../report/plan.ts'
import { commandLine } from './command-line.ts'
import { type Context, EXIT } from './context.ts'
import { type LookOptions, look } from './looking.ts'
import type { Output } from './output.ts'
import { refusalOf } from './refusal.ts'

export interface PlanOptions extends LookOptions {
  /** Exit with 4 when something would or may be built. */
  readonly exitCode: boolean
}

/** `assets plan`: what would build, may build, is fresh, and why. */
export async function plan(
  context: Context,
  output: Output,
  options: PlanOptions,
): Promise<number> {
  return look(
    context,
    output,
    options,
    async ({ workspace, world, request, decisions, survey }) => {
      const { target } = workspace.site
      const state = await workspace.state()
      const durations = state.ok ? await state.value.durations(target.name) : state
      if (!durations.ok) return output.tell(durations.problems, EXIT.failed)
      const { together } = survey.defined
      const planned = planOf(world, request, decisions, durations.value, together)
      const refused = await refusalOf(workspace, survey.defined, planned.steps, null)
      if (refused !== null) return output.tell(refused.problems, refused.code)
      output.show(planReporter, {
        ...planned,
        ...forecast(world.graph, planned, durations.value, cpus().length),
        project: workspace.project.name,
        target: target.name,
        command: commandLine(['materialize', ...options.select], options),
      })
      return options.exitCode && planned.steps.length > 0 ? EXIT.notFresh : EXIT.done
    },
  )
}
