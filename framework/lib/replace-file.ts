import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processExists } from './process-identity.ts'

/** The name of a file that this process is about to put at `path`. */
export function newName(path: string): string {
  return `${path}.new-${process.pid}`
}

/**
 * Writes a file under another name beside it and renames it, so that nobody ever reads a part of it. Its folder must
 * exist. Leaves nothing behind when it throws. `mode`: of the file; by default, only this user may read it.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const temporary = newName(path)
  try {
    writeFileSync(temporary, content, { mode })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Removes the new files of processes that were killed before they were renamed. The folder may be missing. */
export function removeAbandonedFiles(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = /\.new-(\d+)(-wal|-shm|-last-run)?$/.exec(name)?.[1]
    if (pid !== undefined && !processExists(Number(pid)))
      rmSync(join(folder, name), { force: true })
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
