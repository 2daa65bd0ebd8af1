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
 * Whether a setting or variable of this name contains a secret, by its last word: `api_key` and
 * `SNOWFLAKE_PASSWORD` do; `private_key_path`, `token_url` and `client_id` don't.
 */
export function isSecretName(name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').split(/[^A-Za-z0-9]+/)
  return SECRET_WORDS.has(words.at(-1)?.toLowerCase() ?? '')
}

/**
 * The secrets in a text, whatever its name: a URL with a password, the password, and `user:password`,
 * which basic authentication sends as one; and the passwords in `key=value` settings.
 */
export function secretsIn(text: string): readonly string[] {
  const [userAndPassword, password] = loginOf(text)
  const inSettings = [
    ...text.matchAll(/(?<![A-Za-z_])([A-Za-z_]+)\s*=\s*('[^']*'|[^\s&;]+)/g),
  ].flatMap(([, name = '', value = '']) =>
    isSecretName(name) ? [value.replaceAll(/^'|'$/g, '')] : [],
  )
  const found = [...(userAndPassword && password ? [userAndPassword, password] : []), ...inSettings]
  return found.length === 0 ? [] : [text, ...found, ...found.flatMap(decoded)]
}

/** `user:password` of a URL, and the password: from its first `:` to its last `@`. */
function loginOf(url: string): readonly string[] {
  const [upToColon = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s:]*:/i.exec(url) ?? []
  const end = url.lastIndexOf('@')
  if (upToColon === '' || end < upToColon.length) return []
  return [url.slice(url.indexOf('//') + 2, end), url.slice(upToColon.length, end)]
}

/** Drivers print a password decoded, not as it is written in a URL. */
function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)]
  } catch {
    return []
  }
}
