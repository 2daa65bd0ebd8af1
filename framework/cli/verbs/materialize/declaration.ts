import { adoptOptions, buildOptions, selectArgument } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const materialize = defineVerb({
  name: 'materialize',
  summary: 'Build the stale assets in a selection and its ancestors',
  arguments: selectArgument,
  options: { ...buildOptions, ...adoptOptions },
  json: ['assets/plan/1'],
  jsonHelp: 'Print JSON: one event per line, or assets/plan/1 with --dry-run',
  examples: [
    ['assets materialize', 'build everything that is stale'],
    ['assets materialize fact_payment', 'build one asset and its ancestors'],
    [
      "assets materialize --adopt --vouch '*'",
      'record what dbt has built before, and build the rest',
    ],
  ],
  acts: ({ dryRun }) => !dryRun,
  run: async (context, output, values) => {
    const { materialize } = await import('./index.ts')
    return materialize(context, output, { ...values, job: null })
  },
})
