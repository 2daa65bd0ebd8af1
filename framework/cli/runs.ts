import type { Problem } from '../model/problem.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { withState } from './with-state.ts'

export interface RunsOptions {
  readonly target: string | null
  readonly limit: number
}

/** `assets runs [RUN]`: what was run, when, and what came of it. */
export async function runs(
  context: Context,
  output: Output,
  run: number | null,
  options: RunsOptions,
): Promise<number> {
  return withState(context, output, options.target, async (workspace, state) => {
    if (run === null) {
      const target = workspace.site.target.name
      const history = await state.runs(target, options.limit)
      if (!history.ok) return output.tell(history.problems, EXIT.failed)
      output.runs({ project: workspace.project.name, target, runs: history.value })
      return EXIT.done
    }
    const detail = await state.run(run)
    if (!detail.ok) return output.tell(detail.problems, EXIT.failed)
    if (detail.value === null) {
      const problem: Problem = {
        code: 'unknown-run',
        message: `there is no run ${run}`,
        hint: 'assets runs lists them',
      }
      return output.tell([problem], EXIT.usage)
    }
    const steps = await Promise.all(
      detail.value.steps.map(async (step) => {
        if (step.problem === null) return step
        const [problem = step.problem] = await output.place([step.problem])
        return { ...step, problem }
      }),
    )
    output.runDetail({ project: workspace.project.name, run: { ...detail.value, steps } })
    return EXIT.done
  })
}
