import {
  exitCodeOption,
  offlineOption,
  onlyOption,
  selectArgument,
  selectionOptions,
} from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const plan = defineVerb({
  name: 'plan',
  summary: 'Show what materialize would build, and why',
  arguments: selectArgument,
  options: { ...onlyOption, ...offlineOption, ...exitCodeOption, ...selectionOptions },
  json: ['assets/plan/1'],
  examples: [["assets plan 'group:reports+'", 'show what building that selection would do']],
  run: async (context, output, values) => {
    const { plan } = await import('./index.ts')
    return plan(context, output, values)
  },
})
