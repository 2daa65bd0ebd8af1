import type { Problem } from '../../../model/problem.ts'
import { runReporter, runsReporter } from '../../../report/runs.ts'
import { KEPT_RUNS, keepRuns } from '../../completion/runs-file.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { withState } from '../../with-state.ts'

export interface RunsOptions {
  readonly target: string | null
  readonly limit: number
}

/** `assets runs [RUN]`: the latest runs, or one run with its steps. */
export async function runs(
  context: Context,
  output: Output,
  run: number | null,
  options: RunsOptions,
): Promise<number> {
  const { target } = options
  return withState(context, output, { target, finds: false }, async (workspace, state) => {
    if (run === null) {
      const target = workspace.site.target.name
      const history = await state.runs(target, options.limit)
      if (!history.ok) return output.fail(history.problems, EXIT.failed)
      if (options.limit >= KEPT_RUNS) keepRuns(workspace.site.home, target, history.value)
      const { name } = workspace.project
      output.show(runsReporter, { project: name, target, runs: history.value })
      return EXIT.done
    }
    const detail = await state.run(run)
    if (!detail.ok) return output.fail(detail.problems, EXIT.failed)
    if (detail.value === null) {
      const problem: Problem = {
        code: 'unknown-run',
        message: `run ${run} does not exist`,
        hint: 'list the runs: assets runs',
      }
      return output.fail([problem], EXIT.usage)
    }
    const steps = await Promise.all(
      detail.value.steps.map(async (step) => {
        if (step.problem === null) return step
        const [problem = step.problem] = await output.locate([step.problem])
        return { ...step, problem }
      }),
    )
    output.show(runReporter, {
      project: workspace.project.name,
      run: { ...detail.value, steps },
    })
    return EXIT.done
  })
}
