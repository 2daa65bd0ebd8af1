import { flag, targetOption, text, varsOption } from '../../options.ts'
import { defineVerb, type VerbGroup } from '../../verb.ts'

const dbt = defineVerb({
  name: 'dbt',
  summary: 'Write the assets of the dbt project as YAML, or bring that YAML in step with dbt',
  arguments: {},
  options: {
    to: text(
      '--to <file>',
      'The file for them. Default: the one of the last import, assets/dbt.yaml',
    ),
    check: flag('--check', 'Write nothing; exit with code 4 when the file is not in step with dbt'),
    ...varsOption,
    ...targetOption,
    all: flag('--all', 'Show all names; do not shorten lists'),
  },
  json: ['assets/import/1'],
  acts: ({ check }) => !check,
  run: async (context, output, { target, to, check }) => {
    const { importDbt } = await import('./index.ts')
    return importDbt(context, output, { target, to, check })
  },
})

export const importGroup: VerbGroup = {
  name: 'import',
  summary: 'Declare the assets that assets finds, as YAML under review',
  verbs: [dbt],
}
