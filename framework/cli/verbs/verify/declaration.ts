import {
  parsed,
  percent,
  selectArgument,
  selectionOptions,
  waitOption,
  wholeNumber,
} from '../../options.ts'
import { defineVerb, type Parameter } from '../../verb.ts'

const share: Parameter<number> = {
  usage: '--sample <percent>',
  help: 'Verify a random sample, such as 5%',
  parse: percent,
  default: 1,
  shownDefault: '100%',
}

export const verify = defineVerb({
  name: 'verify',
  summary: 'Rebuild fresh assets in a scratch schema and compare the results',
  arguments: selectArgument,
  options: {
    share,
    seed: parsed('--seed <n>', 'Seed of the random sample', wholeNumber),
    ...waitOption,
    ...selectionOptions,
  },
  json: ['assets/verify/1'],
  run: async (context, output, values) => {
    const { verify } = await import('./index.ts')
    return verify(context, output, values)
  },
})
