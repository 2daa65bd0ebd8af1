/** Words from which the name of a variable may be composed. */
export interface EnvWords {
  /** In constants: a name may contain one, in any case of letters. */
  readonly strings: readonly string[]
  /** In other text: a name may be one. */
  readonly words: readonly string[]
}

/** dbt keeps the values of these variables from models, so they change no code. */
const SECRET_PREFIX = 'DBT_ENV_SECRET'

export function isSecret(name: string): boolean {
  return name.startsWith(SECRET_PREFIX)
}

/** Whether a variable of a profile holds a credential. A hash of a password could be guessed. */
export function isCredential(name: string): boolean {
  return /PASSWORD|PASSPHRASE|SECRET|TOKEN|PRIVATE_KEY/i.test(name)
}

/** The variables of an environment whose name may be composed of the words, sorted. */
export function envNames(
  env: Readonly<Record<string, string | undefined>>,
  { strings, words }: EnvWords,
): readonly string[] {
  const whole = new Set([...strings, ...words].map((text) => text.toLowerCase()))
  const pieces = [...new Set(strings.map((text) => text.toLowerCase()))]
  const names = Object.keys(env).filter((name) => {
    const lower = name.toLowerCase()
    return whole.has(lower) || pieces.some((piece) => lower.includes(piece))
  })
  return names.sort()
}
