import { formatDuration } from '../lib/duration.ts'
import { bad, doubtful, good, type HealthFact } from '../model/health-fact.ts'
import type { Clock } from '../ports/site.ts'
import type { Database } from './database.ts'
import { readLease } from './lease.ts'
import { isHeld, localProcesses } from './lease-owner.ts'
import { MIGRATIONS } from './migrations.ts'

/** What every database of a state is asked: how new its tables are, and who has the right to run. */
export async function* stateFacts(
  database: Database,
  target: string,
  clock: Clock,
): AsyncGenerator<HealthFact> {
  const number = await database.transaction('read', (tx) => tx.schema())
  yield schemaFact(number)
  if (number === 0 || number > MIGRATIONS.length) return
  const lease = await database.transaction('read', (tx) => readLease(tx, target))
  if (lease === null) {
    yield good('lease', 'free')
    return
  }
  const { run, owner, since, heartbeat } = lease
  const who = `run ${run}, process ${owner.pid} on ${owner.host}`
  const now = clock()
  yield isHeld(lease, now, localProcesses())
    ? good('lease', `held by ${who} for ${formatDuration(now - since)}`)
    : doubtful(
        'lease',
        `left by ${who}, last heard of ${formatDuration(now - heartbeat)} ago`,
        'the next run takes it over',
      )
}

function schemaFact(number: number): HealthFact {
  const newest = MIGRATIONS.length
  if (number > newest) {
    const why = `its tables are of schema ${number}, and this version of assets knows ${newest}`
    return bad('schema', why, 'use the version of assets that wrote it, or a later one')
  }
  if (number === 0) return good('schema', 'not made yet: the first command makes it')
  const message = `${number} of ${newest}`
  return number === newest
    ? good('schema', message)
    : good('schema', `${message}: the next command brings it forward`)
}
