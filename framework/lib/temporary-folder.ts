import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileStats } from './file-stats.ts'

/** Creates an empty temporary folder under `home`, and removes those of killed processes. */
export function makeTemporaryFolder(home: string): string {
  mkdirSync(parentOf(home), { recursive: true })
  removeAbandonedFolders(home)
  return mkdtempSync(join(parentOf(home), `${process.pid}-`))
}

/** Removes the temporary folders of killed processes. A folder's name begins with its process id. */
export function removeAbandonedFolders(home: string): void {
  const parent = parentOf(home)
  if (!fileStats(parent)?.isDirectory()) return
  for (const name of readdirSync(parent)) {
    if (!isAlive(Number(name.split('-')[0]))) remove(join(parent, name))
  }
}

export function removeTemporaryFolder(folder: string): void {
  remove(folder)
}

const parentOf = (home: string): string => join(home, 'scratch')

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
