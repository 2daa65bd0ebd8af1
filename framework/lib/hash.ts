import { createHash } from 'node:crypto'

/**
 * The first 128 bits of SHA-256 over the parts, as 32 hex digits. Each part is preceded by its
 * length, so that `('ab', 'c')` and `('a', 'bc')` differ.
 */
export function hash(...parts: readonly string[]): string {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(`${part.length}:`).update(part)
  return digest.digest('hex').slice(0, 32)
}

/** SHA-256 of bytes, as 64 hex digits. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
