import { createReadStream, readFileSync } from 'node:fs'
import { sha256, startSha256 } from './hash.ts'

/** Bytes. Up to this size a synchronous read is faster than a stream and blocks for a millisecond at most. */
const SMALL_FILE = 1_000_000

/** Hex SHA-256 of a file of `size` bytes, in bounded memory. Rejects if it can't be read. */
export async function hashFile(path: string, size: number): Promise<string> {
  if (size <= SMALL_FILE) return sha256(readFileSync(path))
  const digest = startSha256()
  for await (const chunk of createReadStream(path, { highWaterMark: SMALL_FILE })) {
    digest.update(chunk as Buffer)
  }
  return digest.digest('hex')
}
