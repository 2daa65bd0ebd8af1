import { choice } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const schema = defineVerb({
  name: 'schema',
  summary: 'Print the JSON Schema of a YAML file, for editors',
  arguments: {
    file: choice('<file>', 'assets.yaml (project) or the files it includes (assets)', [
      'project',
      'assets',
    ]),
  },
  options: {},
  json: null,
  run: async (context, output, { file }) => {
    const { printSchema } = await import('./index.ts')
    return printSchema(context, output, file)
  },
})
