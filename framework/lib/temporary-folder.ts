import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileStats } from './file-stats.ts'
import { processExists } from './process-identity.ts'
import { removeAbandonedFiles } from './replace-file.ts'

/** Creates an empty temporary folder under `home`, and removes those of killed processes. */
export function makeTemporaryFolder(home: string): string {
  mkdirSync(parentOf(home), { recursive: true })
  removeAbandoned(home)
  return mkdtempSync(join(parentOf(home), `${process.pid}-`))
}

/**
 * Removes what killed processes left below `home`: temporary folders, whose names begin with a process id, and
 * files of caches that were not renamed.
 */
export function removeAbandoned(home: string): void {
  for (const folder of [home, join(home, 'cache'), join(home, 'cache', 'compiled')]) {
    removeAbandonedFiles(folder)
  }
  const parent = parentOf(home)
  if (!fileStats(parent)?.isDirectory()) return
  for (const name of readdirSync(parent)) {
    if (!processExists(Number(name.split('-')[0]))) remove(join(parent, name))
  }
}

export function removeTemporaryFolder(folder: string): void {
  remove(folder)
}

const parentOf = (home: string): string => join(home, 'scratch')

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })
