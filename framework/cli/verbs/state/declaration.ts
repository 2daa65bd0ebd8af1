import { commonOptions, flag, text } from '../../options.ts'
import { defineVerb, type VerbGroup } from '../../verb.ts'

const copy = defineVerb({
  name: 'copy',
  summary: 'Copy the records of a target between its `state:` and a SQLite file',
  arguments: {},
  options: {
    from: text('--from <file>', 'Copy from this SQLite file into the `state:` of the target'),
    to: text('--to <file>', 'Copy from the `state:` of the target into this SQLite file'),
    replace: flag('--replace', 'Delete the records of the target at the destination first'),
    ...commonOptions,
  },
  json: ['assets/state-copy/1'],
  acts: () => true,
  run: async (context, output, { target, from, to, replace }) => {
    const { stateCopy } = await import('./index.ts')
    return stateCopy(context, output, { target, from, to, replace })
  },
})

export const state: VerbGroup = {
  name: 'state',
  summary: 'Copy the records of a target to another state',
  verbs: [copy],
}
