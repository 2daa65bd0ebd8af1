import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const PREFIX = 'assets-'

/**
 * Creates the folder for the socket of a source. It is in the system's temporary folder, because the path of a socket
 * may have about a hundred characters. `note`: the file that names it, so that the next holder of the source's lock
 * removes the folder of one that was killed.
 */
export function makeSocketFolder(note: string): string {
  removeSocketFolder(note)
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  writeFileSync(note, folder)
  return folder
}

/** Removes the folder that the note names, and the note. */
export function removeSocketFolder(note: string): void {
  const folder = folderIn(note)
  if (folder !== null) rmSync(folder, { recursive: true, force: true })
  rmSync(note, { force: true })
}

/** Null for what is no folder of ours: nothing else is ever removed. */
function folderIn(note: string): string | null {
  try {
    const folder = readFileSync(note, 'utf8')
    const isOurs = /^assets-[A-Za-z0-9]{6}$/.test(basename(folder)) && dirname(folder) === tmpdir()
    return isOurs ? folder : null
  } catch {
    return null
  }
}
