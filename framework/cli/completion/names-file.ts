import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { removeCacheFile, writeCacheFile } from '../../lib/cache-file.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { bytesOf, numbersIn, pack, unpack } from '../../lib/packed-bytes.ts'
import type { Candidate, NamesHead } from './project-names.ts'

// The names of a project, for the shell. A key in front of the sealed part says what they were made from, so that a
// command sees with one small read that it has nothing to write.

/** Bytes of the key: a hash, padded so that the numbers behind it are aligned. */
const KEY_SIZE = 40

const fileIn = (home: string) => join(home, 'cache', 'completion.bin')

/** The names, with those of the assets as bytes: each one followed by a line end. */
export interface StoredNames extends NamesHead {
  readonly assets: Uint8Array
  /** Index into `abouts` of each asset. */
  readonly about: Int32Array
  readonly abouts: readonly string[]
}

/** The key of the stored names; null without any. */
export function storedKey(home: string): string | null {
  try {
    const file = openSync(fileIn(home), 'r')
    try {
      const bytes = Buffer.alloc(KEY_SIZE)
      readSync(file, bytes, 0, KEY_SIZE, 0)
      return bytes.toString('latin1').trimEnd()
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
}

export function storeNames(home: string, key: string, names: StoredNames): void {
  const { assets, about, ...head } = names
  const packed = pack([Buffer.from(JSON.stringify(head)), assets, bytesOf(about)])
  writeCacheFile(fileIn(home), Buffer.concat([Buffer.from(key.padEnd(KEY_SIZE)), packed]))
}

/** The stored names; null without any. A damaged file is removed, so that the next command writes it again. */
export function readNames(
  home: string,
): (NamesHead & { readonly assets: (start: string) => readonly Candidate[] }) | null {
  const file = fileIn(home)
  // Reading a named pipe would wait for a writer.
  if (fileStats(file)?.isFile() !== true) return null
  const sections = unpack(readFileSync(file).subarray(KEY_SIZE))
  if (sections === null) {
    removeCacheFile(file)
    return null
  }
  const [head, assets, about] = sections as [Buffer, Buffer, Buffer]
  const { abouts, ...names } = JSON.parse(head.toString()) as NamesHead &
    Pick<StoredNames, 'abouts'>
  const numbers = numbersIn(about)
  return {
    ...names,
    assets: (start) =>
      assets
        .toString()
        .split('\n')
        .slice(0, -1)
        .flatMap((word, i) =>
          word.startsWith(start) ? [{ word, about: abouts[numbers[i]!]! }] : [],
        )
        .sort((a, b) => (a.word < b.word ? -1 : 1)),
  }
}
