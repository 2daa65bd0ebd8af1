import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * An empty folder for spool files under `home`. Folders of processes that were killed are removed:
 * their name says whose they were.
 */
export function makeScratch(home: string): string {
  const parent = join(home, 'scratch')
  mkdirSync(parent, { recursive: true })
  for (const name of readdirSync(parent)) {
    if (!isAlive(Number(name.split('-')[0]))) remove(join(parent, name))
  }
  return mkdtempSync(join(parent, `${process.pid}-`))
}

export function removeScratch(folder: string): void {
  remove(folder)
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
