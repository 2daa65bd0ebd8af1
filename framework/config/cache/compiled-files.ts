import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { hash } from '../../lib/hash.ts'

// What was compiled of each YAML file, in a file of its own: where one of a hundred changed, one is
// written. Its name tells what it was made of, so whoever writes the same name writes the same text.

/** How long what no project needs any more is left to commands that began when one did. */
const GRACE_MS = 7 * 24 * 3600 * 1000

/** The name of what a build of the tool makes of a YAML file with this content. */
export function pieceName(build: string, file: string, content: string): string {
  return `${hash('piece', build, file, content)}.json`
}

/** null when it is gone. */
export function readPiece(folder: string, name: string): Buffer | null {
  try {
    return readFileSync(join(folder, name))
  } catch {
    return null
  }
}

/** Writes one in one step. Throws when the folder can't be written. */
export function writePiece(folder: string, name: string, text: Uint8Array): void {
  const aside = join(folder, `${name}.${process.pid}`)
  try {
    writeFileSync(aside, text)
    renameSync(aside, join(folder, name))
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
}

export function dropPiece(folder: string, name: string): void {
  rmSync(join(folder, name), { force: true })
}

/**
 * Removes what has not been needed for long. `past` are those that the index named until now: their time
 * begins when the next one, which names `needed`, is in its place. `now` in milliseconds since the epoch.
 */
export function sweepPieces(
  folder: string,
  needed: ReadonlySet<string>,
  past: ReadonlySet<string>,
  now: number,
): void {
  for (const name of readdirSync(folder)) {
    if (needed.has(name)) continue
    const path = join(folder, name)
    const isOld = () => now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now) > GRACE_MS
    if (past.has(name)) utimesSync(path, now / 1000, now / 1000)
    else if (isOld()) rmSync(path, { force: true })
  }
}
