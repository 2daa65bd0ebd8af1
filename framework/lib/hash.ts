import type { Hash } from 'node:crypto'

// Loaded late: commands that hash nothing are much faster without it.
const crypto = () => process.getBuiltinModule('node:crypto')

/**
 * The first 128 bits of SHA-256 over the parts, as 32 hex digits. Each part is preceded by its length, so
 * `('ab', 'c')` and `('a', 'bc')` differ.
 */
export function hash(...parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('')
  return crypto().hash('sha256', text).slice(0, 32)
}

/** An incremental SHA-256. */
export function startSha256(): Hash {
  return crypto().createHash('sha256')
}

/** The SHA-256 of bytes, as 64 hex digits. */
export function sha256(bytes: string | Uint8Array): string {
  return crypto().createHash('sha256').update(bytes).digest('hex')
}

/** Whether a text has the format of `hash`. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text)
}

/** Writes a hash of `hash` to an array as four 32-bit words, starting at `4 * at`. */
export function putHash(words: Int32Array, at: number, hash: string): void {
  for (let word = 0; word < 4; word++) {
    words[at * 4 + word] = Number.parseInt(hash.slice(word * 8, word * 8 + 8), 16)
  }
}
