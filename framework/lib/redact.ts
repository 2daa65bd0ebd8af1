/** A secret shorter than this would blot out half of every text. */
const SHORTEST = 4

/**
 * Replaces every secret by `***`, also where it stands percent-encoded (in a URL), JSON-escaped, as
 * base64 or base64url. The longest go first, so that a secret within a secret leaves no rest.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
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
    // What a URL's own parser leaves as it is: `!`, `'`, `(`, `)` and `*` may be escaped or not.
    encodeURI(secret),
    Object.assign(new URL('http://u@h'), { password: secret }).password,
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...base64(secret),
    decoded,
  ]
  return forms.filter((form) => form.length >= SHORTEST)
}

/** The unpadded ones are found within the padded; what is left then is `=`. */
function base64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
}

/** What stands in a URL percent-encoded is often used, and shown, decoded. */
function decode(secret: string): string {
  try {
    return decodeURIComponent(secret)
  } catch {
    return secret
  }
}
