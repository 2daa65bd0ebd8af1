import { commonOptions, offlineOption, required, varsOption } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const why = defineVerb({
  name: 'why',
  summary: 'Explain why an asset or check is stale, pending or fresh',
  arguments: { asset: required('<asset>', 'Name of an asset or check') },
  options: { ...offlineOption, ...varsOption, ...commonOptions },
  json: ['assets/why/1'],
  examples: [['assets why revenue_trend', 'explain why it is stale, down to the root causes']],
  run: async (context, output, { asset, target, offline }) => {
    const { why } = await import('./index.ts')
    return why(context, output, asset, { target, offline })
  },
})
