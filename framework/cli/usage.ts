import type { CommanderError } from 'commander'
import { closest } from '../lib/did-you-mean.ts'
import type { Problem } from '../model/problem.ts'
import { commandLine } from './command-line.ts'
import { verbFor } from './other-words.ts'
import { verbs } from './verbs/index.ts'

/**
 * Converts commander's error into a problem. `fits` says whether a command line can be parsed: the arguments of
 * another tool's word are repeated only if the right verb takes them. Problem: `usage`.
 */
export async function usageProblem(
  error: CommanderError,
  argv: readonly string[],
  fits: (argv: readonly string[]) => Promise<boolean>,
): Promise<Problem> {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const [, similar] = /^\(Did you mean (.+?)\?\)$/.exec(suggestion ?? '') ?? []
  const [, quoted] = /'(.+)'/.exec(message) ?? []
  const isUnknown = error.code === 'commander.unknownCommand'
  const words = isUnknown ? '' : verbWords(argv)
  const meant = isUnknown && quoted === argv[0] ? verbFor(quoted!) : null
  const corrected = meant === null ? [] : [meant, ...argv.slice(1)]
  const help = words === '' ? 'see assets --help' : `see assets ${words} --help`
  return {
    code: 'usage',
    message: messageOf(error.code, message, quoted ?? ''),
    hint:
      meant !== null
        ? `the command is: ${commandLine((await fits(corrected)) ? corrected : [meant])}`
        : similar === undefined
          ? help
          : `did you mean ${similar}?`,
  }
}

/** The problem of `assets help WORD` for a word that is no command. */
export function helpProblem(word: string): Problem {
  const verb = verbFor(word)
  const similar =
    verb ??
    closest(
      word,
      verbs.map(({ name }) => name),
    )
  return {
    code: 'usage',
    message: `unknown command: ${word}`,
    hint: similar === null ? 'see assets --help' : `did you mean assets help ${similar}?`,
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
