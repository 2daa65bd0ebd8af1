import {
  exitCodeOption,
  flag,
  offlineOption,
  onlyOption,
  selectArgument,
  selectionOptions,
  text,
} from '../../options.ts'
import { defineVerb } from '../../verb.ts'

const againstOptions = {
  against: text(
    '--against <ref>',
    'Compare the working tree with a commit of git, as if all of that were built',
  ),
  mergeBase: flag(
    '--no-merge-base',
    'With --against: compare with REF itself, not with where HEAD left it',
  ),
  markdown: flag('--markdown', 'With --against: print a comment for a pull request'),
}

export const plan = defineVerb({
  name: 'plan',
  summary: 'Show what materialize would build, and why',
  arguments: selectArgument,
  options: {
    ...againstOptions,
    ...onlyOption,
    ...offlineOption,
    ...exitCodeOption,
    ...selectionOptions,
  },
  json: ['assets/plan/1', 'assets/plan-against/1'],
  examples: [
    ["assets plan 'group:reports+'", 'show what building that selection would do'],
    ['assets plan --against main', 'show what this branch would rebuild; connects to nothing'],
  ],
  run: async (context, output, values) => {
    if (values.against !== null || values.markdown || !values.mergeBase) {
      const { planAgainst } = await import('./against.ts')
      return planAgainst(context, output, values)
    }
    const { plan } = await import('./index.ts')
    return plan(context, output, values)
  },
})
