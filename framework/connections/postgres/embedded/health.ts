import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { doubtful, factOf, good, type HealthFact } from '../../../model/health-fact.ts'
import type { HealthSubject } from '../../../ports/health.ts'
import type { PostgresSettings } from '../settings.ts'
import { readInitScripts } from './init-scripts.ts'
import { lostProblem } from './problems.ts'
import { hasData, readSourceState } from './source-state.ts'

/** Examines an embedded source without opening it. Opening takes seconds, and the lock. */
export async function* examineEmbedded(
  { name, embedded }: PostgresSettings,
  { settings, site }: HealthSubject,
): AsyncGenerator<HealthFact> {
  const folder = join(site.home, 'source', name)
  const init = readInitScripts(site.root, embedded, settings.at)
  if (!init.ok) yield* init.problems.map((problem) => factOf('init files', problem))
  else yield good('init files', embedded.init.join(', '))

  const state = readSourceState(folder)
  if (state === null) {
    yield good('embedded source', 'not created yet; the first build creates it')
    return
  }
  if (!hasData(folder)) {
    yield factOf('embedded source', lostProblem(name, join(folder, 'data')))
    return
  }
  const holder = holderOf(`${folder}.lock.owner`)
  yield good(
    'embedded source',
    holder !== null
      ? `open in process ${holder}`
      : state.clean
        ? 'closed cleanly'
        : 'its last process was killed; the next process recovers it',
  )
  if (init.ok && state.origin !== init.value.hash) {
    yield doubtful(
      'origin',
      'its init files or settings changed since it was created; its rows are kept',
      'run assets source reset to create it again',
    )
  }
}

/** The process that has the source open; null if there is none or it no longer runs. */
function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8')) || null
    if (pid !== null) process.kill(pid, 0)
    return pid
  } catch {
    return null
  }
}
