import { mkdtempSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { freeSpace } from '../../../lib/free-space.ts'
import { bad, diskFact, good, type HealthFact } from '../../../model/health-fact.ts'
import type { Site } from '../../../ports/site.ts'
import { version } from '../../version.ts'

const OLDEST_NODE = [20, 19] as const

/** Facts about the machine that every command depends on. `node`: Node's version, such as `v22.11.0`. */
export async function* toolFacts(
  { home, clock, env }: Site,
  node: string,
): AsyncGenerator<HealthFact> {
  yield nodeFact(node)
  yield good('assets', version())
  yield homeFact(home)
  yield diskFact('.assets', freeSpace(home))
  const zone = env.TZ || Intl.DateTimeFormat().resolvedOptions().timeZone
  yield good('clock', `${new Date(clock()).toISOString()}, time zone ${zone}`)
}

export function nodeFact(node: string): HealthFact {
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number)
  const [oldest, least] = OLDEST_NODE
  if (major > oldest || (major === oldest && minor >= least)) return good('node', node)
  return bad('node', `${node} is too old`, `install Node ${oldest}.${least} or newer`)
}

/** Creates a folder to test for write access: permissions do not show that a disk is read-only. */
function homeFact(home: string): HealthFact {
  try {
    rmdirSync(mkdtempSync(join(home, 'doctor-')))
    return good('.assets', `${home} is writable`)
  } catch (error) {
    const message = `${home} is not writable: ${(error as Error).message}`
    return bad('.assets', message, `make it writable: chown -R "$USER" ${home}`)
  }
}
