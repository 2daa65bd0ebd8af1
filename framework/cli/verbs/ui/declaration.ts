import { flag, parsed, positiveInteger, targetOption, text, varsOption } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const ui = defineVerb({
  name: 'ui',
  summary: 'Show the graph, the runs and the answers as a page in the browser',
  arguments: {},
  options: {
    port: parsed('--port <n>', 'Port to listen on; a free one by default', positiveInteger),
    open: flag('--open', 'Open the page in the browser'),
    export: text('--export <folder>', 'Write the page as one HTML file, and exit'),
    host: text(
      '--host <address>',
      'Listen on this address of the machine instead of loopback; the page then asks for a token',
    ),
    read: { ...text('--read <document>', 'Print a document of the page as JSON'), hidden: true },
    ...varsOption,
    ...targetOption,
  },
  json: null,
  examples: [
    ['assets ui --open', 'Open the page in the browser'],
    ['assets ui --export site', 'Write site/index.html, which needs no server'],
  ],
  // A document that it prints must be whole.
  acts: ({ read }) => read === null,
  run: async (context, output, options) => {
    const { ui } = await import('./index.ts')
    return ui(context, output, options)
  },
})
