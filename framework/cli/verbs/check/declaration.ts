import { commonOptions, varsOption } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const check = defineVerb({
  name: 'check',
  summary: 'Validate the configuration without connecting to anything',
  arguments: {},
  options: { ...varsOption, ...commonOptions },
  json: ['assets/check/1'],
  run: async (context, output, { target }) => {
    const { check } = await import('./index.ts')
    return check(context, output, { target })
  },
})
