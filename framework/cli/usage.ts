import type { CommanderError } from 'commander'
import type { Problem } from '../model/problem.ts'
import { verbs } from './verbs/index.ts'

/** Converts commander's error into a problem. Problem: `usage`. */
export function usageProblem(error: CommanderError, argv: readonly string[]): Problem {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const [, similar] = /^\(Did you mean (.+?)\?\)$/.exec(suggestion ?? '') ?? []
  const [, quoted] = /'(.+)'/.exec(message) ?? []
  const verb = error.code === 'commander.unknownCommand' ? '' : ` ${verbWords(argv)}`
  return {
    code: 'usage',
    message: messageOf(error.code, message, quoted ?? ''),
    hint: similar === undefined ? `see assets${verb} --help` : `did you mean ${similar}?`,
  }
}

function messageOf(code: string, message: string, quoted: string): string {
  switch (code) {
    case 'commander.unknownCommand':
      return `unknown command: ${quoted}`
    case 'commander.unknownOption':
      return `unknown option: ${quoted}`
    default:
      return message.replace(/^command-argument value/, 'the value').replace(/\.$/, '')
  }
}

/** The words of the verb: one, or two for a verb of a group such as `source sql`. */
function verbWords(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith('-'))
  const isGroup = verbs.some((entry) => 'verbs' in entry && entry.name === words[0])
  return words.slice(0, isGroup ? 2 : 1).join(' ')
}
