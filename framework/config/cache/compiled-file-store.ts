import { readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { isTooManyFiles } from '../../lib/file-refusal.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { hash } from '../../lib/hash.ts'

// One stored file per compiled YAML file, so that an edit of one YAML file writes one of them. A name is
// a hash of everything that the content depends on, so two processes that write the same name write the
// same content.

/** How long an unused file stays: a command that started before an edit may still read it. */
const GRACE_MS = 7 * 24 * 3600 * 1000

/** The name for a YAML file with this content, compiled by this build of the tool. */
export function storedName(build: string, file: string, content: string): string {
  return `${hash('compiled file', build, file, content)}.json`
}

/** null if the file is missing, or can't be read. Throws if this process has too many open files. */
export function readStored(folder: string, name: string): Buffer | null {
  try {
    return readFileSync(join(folder, name))
  } catch (error) {
    if (isTooManyFiles(error)) throw error
    return null
  }
}

/**
 * Removes files that have been unused for the grace period. `used`: the names in the new index.
 * `previous`: the names in the index before; the grace period of those begins now. `now` in
 * milliseconds since the epoch.
 */
export function removeUnused(
  folder: string,
  used: ReadonlySet<string>,
  previous: ReadonlySet<string>,
  now: number,
): void {
  for (const name of readdirSync(folder)) {
    if (used.has(name)) continue
    const path = join(folder, name)
    const isOld = () => now - (fileStats(path)?.mtimeMs ?? now) > GRACE_MS
    if (previous.has(name)) utimesSync(path, now / 1000, now / 1000)
    else if (isOld()) rmSync(path, { recursive: true, force: true })
  }
}
