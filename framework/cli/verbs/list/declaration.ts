import { flag, selectArgument, selectionOptions } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const list = defineVerb({
  name: 'list',
  summary: 'List the names in a selection',
  arguments: selectArgument,
  options: {
    policies: flag('--policies', 'Show the policy of each asset, and where each key is set'),
    ...selectionOptions,
  },
  json: ['assets/list/1'],
  run: async (context, output, values) => {
    const { list } = await import('./index.ts')
    return list(context, output, values)
  },
})
