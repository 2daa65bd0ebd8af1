import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { hash } from '../../lib/hash.ts'
import type { Site } from '../../ports/site.ts'

/**
 * Eight characters that identify the lease under which scratch schemas are created. Runs that may be active
 * at the same time have different ones. A state with a URL is identified by its address; a state in
 * the project folder by a random name that is stored in that folder.
 */
export function scratchOwner({ project, target, home }: Site): string {
  const state = addressOf(target.state.settings) ?? folderNameOf(home)
  return hash(project.name, target.name, state).slice(0, 8).toUpperCase()
}

/** The address of a state, without user and password. Null for a state without a URL. */
function addressOf({ url, schema }: Site['target']['state']['settings']): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null
  const { host, pathname } = new URL(url)
  return `${host}${pathname} ${schema ?? ''}`
}

/** The stored random name, with host and path: a copy of the folder contains the same file. */
function folderNameOf(home: string): string {
  const file = join(home, 'scratch-owner')
  mkdirSync(home, { recursive: true })
  try {
    writeFileSync(file, `${randomUUID()}\n`, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return `${readFileSync(file, 'utf8')} ${hostname()} ${home}`
}
