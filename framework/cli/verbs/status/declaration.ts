import { exitCodeOption, offlineOption, selectArgument, selectionOptions } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const status = defineVerb({
  name: 'status',
  summary: 'Show which assets are fresh, stale or pending, and why',
  arguments: selectArgument,
  options: { ...offlineOption, ...exitCodeOption, ...selectionOptions },
  json: ['assets/status/1'],
  run: async (context, output, values) => {
    const { status } = await import('./index.ts')
    return status(context, output, { ...values, only: false })
  },
})
