import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { doubtful, factOf, good, type HealthFact } from '../../../model/health-fact.ts'
import type { HealthSubject } from '../../../ports/health.ts'
import type { Settings } from '../settings.ts'
import { readToken } from './closed-state.ts'
import { readOrigin } from './init-scripts.ts'

/** What can be said of an embedded source without opening it, which would take seconds and its lock. */
export async function* examineEmbedded(
  { name, embedded }: Settings,
  { settings, site }: HealthSubject,
): AsyncGenerator<HealthFact> {
  const folder = join(site.home, 'source', name)
  const origin = readOrigin(site.root, embedded, settings.at)
  if (!origin.ok) yield* origin.problems.map((problem) => factOf('init files', problem))
  else yield good('init files', embedded.init.join(', '))

  const token = readToken(folder)
  if (token === null) {
    yield good('embedded source', 'not made yet: the first build makes it')
    return
  }
  const holder = holderOf(`${folder}.lock.owner`)
  yield good(
    'embedded source',
    holder !== null
      ? `made, and open in process ${holder}`
      : token.clean
        ? 'made, and closed in order'
        : 'made; its last process was killed, which the next opening mends',
  )
  if (origin.ok && token.origin !== origin.value.hash) {
    yield doubtful(
      'origin',
      'it was made from other init files or settings than there are now; its rows are kept',
      'assets source reset makes it anew',
    )
  }
}

/** The process that says it has the source open, if there still is one. */
function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8')) || null
    if (pid !== null) process.kill(pid, 0)
    return pid
  } catch {
    return null
  }
}
