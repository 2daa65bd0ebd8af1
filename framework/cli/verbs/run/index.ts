import { closest } from '../../../lib/did-you-mean.ts'
import type { Problem } from '../../../model/problem.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { openProject } from '../../workspace.ts'
import { type MaterializeOptions, materialize } from '../materialize/index.ts'

/** `assets run JOB`: builds the selection of a job. Problem: `unknown-job`. */
export async function runJob(
  context: Context,
  output: Output,
  name: string,
  options: Omit<MaterializeOptions, 'select' | 'exclude' | 'job'>,
): Promise<number> {
  const opened = await openProject(context)
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const { jobs } = opened.value.project
  const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined
  if (job === undefined) {
    const similar = closest(name, Object.keys(jobs))
    const known = Object.keys(jobs).join(', ')
    const problem: Problem = {
      code: 'unknown-job',
      message: `job ${name} does not exist`,
      hint:
        similar !== null
          ? `did you mean ${similar}?`
          : known === ''
            ? 'add it under `jobs:` in assets.yaml'
            : `jobs of this project: ${known}`,
    }
    return output.fail([problem], EXIT.usage)
  }
  return materialize(context, output, {
    ...options,
    target: options.target ?? job.target,
    select: [job.select],
    exclude: job.exclude === null ? [] : [job.exclude],
    job: name,
  })
}
