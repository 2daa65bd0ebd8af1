import type { SelectArguments } from './selecting.ts'

/** The part of a verb's options that says what it is about, and where. */
interface About extends Pick<SelectArguments, 'exclude'> {
  readonly only: boolean
  readonly target: string | null
}

/** `assets` with these words and options as one would type it, quoted where a shell needs that. */
export function commandLine(
  words: readonly string[],
  { exclude, only, target }: About = { exclude: [], only: false, target: null },
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
