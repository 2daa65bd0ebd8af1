/** Words from which the name of a variable may be composed. */
export interface EnvWords {
  /** In constants: a name may contain one of three letters or more. */
  readonly strings: readonly string[]
  /** In other text: a name may be one. */
  readonly words: readonly string[]
}

/** dbt keeps the values of these variables from models, so they change no code. */
const SECRET_PREFIX = 'DBT_ENV_SECRET'

export function isSecret(name: string): boolean {
  return name.startsWith(SECRET_PREFIX)
}

/** The variables of an environment whose name may be composed of the words, sorted. */
export function envNames(
  env: Readonly<Record<string, string | undefined>>,
  { strings, words }: EnvWords,
): readonly string[] {
  const whole = new Set([...strings, ...words])
  const pieces = [...new Set(strings)].filter((text) => text.length > 2)
  const names = Object.keys(env).filter(
    (name) => whole.has(name) || pieces.some((piece) => name.includes(piece)),
  )
  return names.sort()
}
