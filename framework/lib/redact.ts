import { withoutUrlPasswords } from './url-passwords.ts'

/** Shorter secrets are not redacted: they would match too many texts. */
const SHORTEST = 4
/** Longer secrets are not put into the regular expression: it would compare the whole at each character. */
const LONG = 300

/**
 * Replaces every secret by `***`, also in percent-encoded, JSON-escaped, base64 and base64url form, and the passwords
 * of all URLs, known or not.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const replace = replacerOfSecrets(secrets)
  return (text) => withoutUrlPasswords(replace(text))
}

/** Longer secrets are replaced first, so a secret that contains another one is replaced as a whole. */
function replacerOfSecrets(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  if (forms.length === 0) return (text) => text
  const long = forms.filter((form) => form.length > LONG).map(replacerOf)
  const short = forms.filter((form) => form.length <= LONG)
  const escaped = short.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const regex = short.length === 0 ? null : new RegExp(escaped.join('|'), 'g')
  return (text) => {
    const shown = long.reduce((rest, replace) => replace(rest), text)
    return regex === null ? shown : shown.replaceAll(regex, '***')
  }
}

/**
 * Replaces one text in others. It looks at each character of them once, as Knuth, Morris and Pratt do it; a regular
 * expression and `replaceAll` may compare the whole secret at each of them.
 */
function replacerOf(secret: string): (text: string) => string {
  /** How many characters of the secret's start end at each of its characters, the whole left out. */
  const borders = new Int32Array(secret.length)
  for (let at = 1, length = 0; at < secret.length; at++) {
    while (length > 0 && secret[at] !== secret[length]) length = borders[length - 1]!
    if (secret[at] === secret[length]) length += 1
    borders[at] = length
  }
  return (text) => {
    if (text.length < secret.length) return text
    let shown = ''
    let from = 0
    for (let at = 0, length = 0; at < text.length; at++) {
      while (length > 0 && text[at] !== secret[length]) length = borders[length - 1]!
      if (text[at] === secret[length]) length += 1
      if (length < secret.length) continue
      shown += `${text.slice(from, at + 1 - length)}***`
      from = at + 1
      length = 0
    }
    return shown + text.slice(from)
  }
}

function formsOf(secret: string): readonly string[] {
  if (secret.trim().length < SHORTEST) return []
  const encoded = encodeURIComponent(secret)
  const decoded = decode(secret)
  const forms = [
    secret,
    encoded,
    encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    // Encoders differ in which characters they escape, such as `!`, `'`, `(`, `)` and `*`.
    encodeURI(secret),
    Object.assign(new URL('http://u@h'), { password: secret }).password,
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...base64(secret),
    decoded,
  ]
  return forms.filter((form) => form.length >= SHORTEST)
}

/** Padded and unpadded base64, and base64url. */
function base64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
}

/** A percent-encoded secret of a URL is often shown decoded. */
function decode(secret: string): string {
  try {
    return decodeURIComponent(secret)
  } catch {
    return secret
  }
}
