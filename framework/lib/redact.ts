import { withoutUrlPasswords } from './url-passwords.ts'

/** Shorter secrets are not redacted: they would match too many texts. */
const SHORTEST = 4

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
  const forms = new Set(secrets.flatMap(formsOf))
  if (forms.size === 0) return (text) => text
  const pattern = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|')
  const regex = new RegExp(pattern, 'g')
  return (text) => text.replaceAll(regex, '***')
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
