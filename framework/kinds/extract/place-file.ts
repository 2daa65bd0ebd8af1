import { closeSync, mkdirSync, openSync, rmSync, type Stats, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileStats } from '../../lib/file-stats.ts'
import { hash } from '../../lib/hash.ts'
import { hashFile } from '../../lib/hash-file.ts'
import { MAX_NAME_BYTES, TEMPORARY_SUFFIX } from '../../lib/project-path.ts'

/** A file is written to this path first, and then renamed to `path`. */
export function temporaryPath(path: string): string {
  const name = `${basename(path)}${TEMPORARY_SUFFIX}`
  const isShort = Buffer.byteLength(name) <= MAX_NAME_BYTES
  return join(dirname(path), isShort ? name : `${hash(name)}${TEMPORARY_SUFFIX}`)
}

/**
 * Creates the folder of `path` and removes the temporary file of a killed run. Throws the file system's error if no
 * file can be made there: the warehouse that writes it would say less.
 */
export function prepareFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  removeTemporary(path)
  closeSync(openSync(temporaryPath(path), 'wx'))
  removeTemporary(path)
}

/** Removes the temporary file, if it was not renamed. */
export function removeTemporary(path: string): void {
  rmSync(temporaryPath(path), { force: true })
}

/**
 * Renames the temporary file to `path`, after it is synced to disk. If both hold the same, the old file and its times
 * stay, and the temporary file is left to `removeTemporary`. `isSame` compares existing files that are not equal in
 * their bytes. Returns the stats of the file that holds the content, as it was then. Rejects with the file system's error.
 */
export async function placeFile(
  path: string,
  isSame: (path: string) => Promise<boolean> = async () => false,
): Promise<Stats> {
  const temporary = temporaryPath(path)
  const before = await sameFile(temporary, path, isSame)
  if (before !== null) return before
  await sync(temporary)
  const written = statSync(temporary)
  await rename(temporary, path)
  await sync(dirname(path))
  return written
}

/** Whether two stats are of one file with one content; renaming a file changes neither. */
export function isSameFile(a: Stats, b: Stats | undefined): boolean {
  return b !== undefined && a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs
}

/** The stats of the old file before it was compared; null if it holds something else, or can't be compared. */
async function sameFile(
  temporary: string,
  path: string,
  isSame: (path: string) => Promise<boolean>,
): Promise<Stats | null> {
  try {
    const before = fileStats(path)
    if (!before?.isFile()) return null
    return (await sameBytes(temporary, path)) || (await isSame(path)) ? before : null
  } catch {
    return null
  }
}

async function sameBytes(left: string, right: string): Promise<boolean> {
  const old = fileStats(right)
  const { size } = statSync(left)
  if (!old?.isFile() || old.size !== size) return false
  return (await hashFile(left, size)) === (await hashFile(right, size))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
