import type { CommanderError } from 'commander'
import type { Problem } from '../model/problem.ts'

/** A command line that can't be read, in the words of every other problem. Code `usage`. */
export function usageProblem(error: CommanderError, argv: readonly string[]): Problem {
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const [, meant] = /^\(Did you mean (.+?)\?\)$/.exec(suggestion ?? '') ?? []
  const [, quoted] = /'(.+)'/.exec(said) ?? []
  const help = error.code === 'commander.unknownCommand' ? '' : ` ${verbIn(argv)}`
  return {
    code: 'usage',
    message: messageOf(error.code, said, quoted ?? ''),
    hint: meant === undefined ? `see assets${help} --help` : `did you mean ${meant}?`,
  }
}

function messageOf(code: string, said: string, quoted: string): string {
  switch (code) {
    case 'commander.unknownCommand':
      return `there is no verb ${quoted}`
    case 'commander.unknownOption':
      return `there is no option ${quoted}`
    default:
      return said.replace(/^command-argument value/, 'the value').replace(/\.$/, '')
  }
}

/** `source sql` and `state copy` are of two words. */
function verbIn(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith('-'))
  return words.slice(0, words[0] === 'source' || words[0] === 'state' ? 2 : 1).join(' ')
}
