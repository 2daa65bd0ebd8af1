import { commonOptions, text } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const savings = defineVerb({
  name: 'savings',
  summary: 'Show how much work past runs skipped',
  arguments: {},
  options: {
    since: text('--since <when>', 'Count runs since a date or age: 2026-03-01, 7d, 12h'),
    ...commonOptions,
  },
  json: ['assets/savings/1'],
  run: async (context, output, { target, since }) => {
    const { savings } = await import('./index.ts')
    return savings(context, output, { target, since })
  },
})
