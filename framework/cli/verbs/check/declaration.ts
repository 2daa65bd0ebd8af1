import { commonOptions, flag, varsOption } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

const install = flag(
  '--install',
  "Create dbt's Python environment if there is none, to compare with dbt",
)

export const check = defineVerb({
  name: 'check',
  summary: 'Validate the configuration without connecting to anything',
  arguments: {},
  options: { ...varsOption, install, ...commonOptions },
  json: ['assets/check/1'],
  run: async (context, output, { target, install }) => {
    const { check } = await import('./index.ts')
    return check(context, output, { target, install })
  },
})
