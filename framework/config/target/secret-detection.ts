const SECRET_WORDS = new Set([
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'key',
  'credential',
  'credentials',
  'authorization',
])

/**
 * Whether a setting or a variable of this name holds a secret: its last word says so. `api_key`
 * and `SNOWFLAKE_PASSWORD` do, `private_key_path`, `token_url` and `client_id` don't.
 */
export function isSecretName(name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').split(/[^A-Za-z0-9]+/)
  return SECRET_WORDS.has(words.at(-1)?.toLowerCase() ?? '')
}

/**
 * What is secret in a text whatever it is called: a URL with a password, the password in it, and the
 * two that stand before the `@`, which basic authentication sends together.
 */
export function secretsIn(text: string): readonly string[] {
  const [, both, inUrl] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\s]*?:(.*))@/is.exec(text) ?? []
  const inSettings = [...text.matchAll(/([A-Za-z_]+)\s*=\s*('[^']*'|[^\s&;]+)/g)].flatMap(
    ([, name = '', value = '']) => (isSecretName(name) ? [value.replaceAll(/^'|'$/g, '')] : []),
  )
  const found = [...(both && inUrl ? [both, inUrl] : []), ...inSettings]
  return found.length === 0 ? [] : [text, ...found, ...found.flatMap(decoded)]
}

/** Drivers show a password as they use it, not as it stands in a URL. */
function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)]
  } catch {
    return []
  }
}
