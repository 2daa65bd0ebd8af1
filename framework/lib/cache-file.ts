import { mkdirSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { fileStats } from './file-stats.ts'
import { replaceFile } from './replace-file.ts'

/** The folder below which everything can be made again. */
const CACHE = 'cache'

/**
 * Replaces a file below a folder `cache`, and creates its folders. What is in the way is removed: a folder in the place of
 * the file, a file in the place of a folder. Returns whether it was written: without it, the next command only takes longer.
 */
export function writeCacheFile(path: string, content: string | Uint8Array): boolean {
  try {
    makeCacheFolder(dirname(path))
    if (fileStats(path)?.isDirectory()) removeCacheFile(path)
    replaceFile(path, content)
    return true
  } catch {
    return false
  }
}

/** Removes a file below a folder `cache`, or the folder in its place. */
export function removeCacheFile(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

function makeCacheFolder(folder: string): void {
  if (basename(folder) !== CACHE) makeCacheFolder(dirname(folder))
  const found = fileStats(folder)
  if (found?.isDirectory()) return
  if (found !== undefined) rmSync(folder)
  mkdirSync(folder, { recursive: basename(folder) === CACHE })
}

/** The checksum of a text of a cache: CRC-32 as eight hex digits. */
export function checksum(content: string | Uint8Array): string {
  return crc32(content).toString(16).padStart(8, '0')
}

/** A text with its checksum in front, for `unsealed`. */
export const sealed = (text: string): string => `${checksum(text)} ${text}`

/** The text of `sealed`; null if it is damaged. */
export function unsealed(text: string): string | null {
  const content = text.slice(9)
  return text.slice(0, 9) === `${checksum(content)} ` ? content : null
}
