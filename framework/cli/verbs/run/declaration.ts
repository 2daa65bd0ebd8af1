import { buildOptions, required } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const run = defineVerb({
  name: 'run',
  summary: 'Build the selection of a job; for cron and other schedulers',
  arguments: { job: required('<job>', 'Name of a job in assets.yaml') },
  options: buildOptions,
  json: ['assets/plan/1'],
  jsonHelp: 'Print JSON: one event per line, or assets/plan/1 with --dry-run',
  acts: ({ dryRun }) => !dryRun,
  run: async (context, output, { job, ...options }) => {
    const { runJob } = await import('./index.ts')
    return runJob(context, output, job, options)
  },
})
