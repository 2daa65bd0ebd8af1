import type { SelectArguments } from './selecting.ts'

/** The options that a suggested command repeats. */
interface RepeatedOptions extends Pick<SelectArguments, 'exclude'> {
  readonly only: boolean
  readonly target: string | null
}

/** A command line of `assets` with these words and options, quoted for a shell. */
export function commandLine(
  words: readonly string[],
  { exclude, only, target }: RepeatedOptions = { exclude: [], only: false, target: null },
): string {
  const rest = [
    ...(exclude.length === 0 ? [] : ['--exclude', ...exclude]),
    ...(only ? ['--only'] : []),
    ...(target === null ? [] : ['--target', target]),
  ]
  return ['assets', ...words, ...rest].map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
