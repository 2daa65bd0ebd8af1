import { choice, flag, selectArgument, selectionOptions } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const graph = defineVerb({
  name: 'graph',
  summary: 'Print the lineage as text, Mermaid, DOT or JSON',
  arguments: selectArgument,
  options: {
    format: choice(
      '--format <format>',
      'Output format',
      ['text', 'mermaid', 'dot', 'json'],
      'text',
    ),
    checks: flag('--checks', 'Include checks'),
    ...selectionOptions,
  },
  json: ['assets/graph/1'],
  run: async (context, output, values) => {
    const { graph } = await import('./index.ts')
    return graph(context, output, { ...values, format: output.json ? 'json' : values.format })
  },
})
