import { choice } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const completion = defineVerb({
  name: 'completion',
  summary: 'Print a script that completes commands, options and names in a shell',
  arguments: {
    shell: choice('<shell>', 'The shell; in bash: source <(assets completion bash)', [
      'bash',
      'zsh',
      'fish',
    ]),
  },
  options: {},
  json: null,
  run: async (context, output, { shell }) => {
    const { printCompletion } = await import('./index.ts')
    return printCompletion(context, output, shell)
  },
})
