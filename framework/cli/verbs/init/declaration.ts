import { defineVerb, type Parameter } from '../../verb.ts'

const folder: Parameter<string> = {
  usage: '[folder]',
  help: 'Folder of the project',
  default: '.',
  shownDefault: 'the current folder',
}

export const init = defineVerb({
  name: 'init',
  summary: 'Create a small example project; existing files are kept',
  arguments: { folder },
  options: {},
  json: ['assets/init/1'],
  acts: () => true,
  run: async (context, output, { folder }) => {
    const { init } = await import('./index.ts')
    return init(context, output, folder)
  },
})
