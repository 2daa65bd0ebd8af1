import { commonOptions, parsed, positiveInteger } from '../../options.ts'
import { defineVerb, type Parameter } from '../../verb.ts'

const limit: Parameter<number> = {
  usage: '--limit <n>',
  help: 'Maximum number of runs to show',
  parse: positiveInteger,
  default: 20,
  shownDefault: '20',
}

export const runs = defineVerb({
  name: 'runs',
  summary: 'Show the latest runs, or the steps of one run',
  arguments: { run: parsed('[run]', 'Number of the run to show', positiveInteger) },
  options: { limit, ...commonOptions },
  json: ['assets/runs/1', 'assets/run/1'],
  run: async (context, output, { run, target, limit }) => {
    const { runs } = await import('./index.ts')
    return runs(context, output, run, { target, limit })
  },
})
