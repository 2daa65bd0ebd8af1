import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { hash } from '../../lib/hash.ts'
import type { Site } from '../../ports/site.ts'

/**
 * Eight characters that stand for the lease under which we work: two that may run at once never have the
 * same. A state with an address is the same from wherever it is used; one in the project's own folder is
 * told apart by a name that chance gave the folder.
 */
export function scratchOwner({ project, target, home }: Site): string {
  const state = addressOf(target.state.settings) ?? nameOf(home)
  return hash(project.name, target.name, state).slice(0, 8).toUpperCase()
}

/** Where a state is, without who logs in. */
function addressOf({ url, schema }: Site['target']['state']['settings']): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null
  const { host, pathname } = new URL(url)
  return `${host}${pathname} ${schema ?? ''}`
}

/** A copy of a folder has its file, too: the host and the path tell the two apart. */
function nameOf(home: string): string {
  const file = join(home, 'scratch-owner')
  mkdirSync(home, { recursive: true })
  try {
    writeFileSync(file, `${randomUUID()}\n`, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return `${readFileSync(file, 'utf8')} ${hostname()} ${home}`
}
