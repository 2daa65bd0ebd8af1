import { formatDuration } from '../lib/duration.ts'
import { bad, doubtful, good, type HealthFact } from '../model/health-fact.ts'
import type { Clock } from '../ports/site.ts'
import type { Database } from './database.ts'
import { readLease } from './lease.ts'
import { isHeld, localProcesses } from './lease-owner.ts'
import { MIGRATIONS } from './migrations.ts'

/** Health facts of every state: the schema number of its tables, and the lease on the target. */
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
  const holder = `run ${run} (process ${owner.pid} on ${owner.host})`
  const now = clock()
  yield isHeld(lease, now, localProcesses())
    ? good('lease', `held by ${holder} for ${formatDuration(now - since)}`)
    : doubtful(
        'lease',
        `abandoned by ${holder}, last heartbeat ${formatDuration(now - heartbeat)} ago`,
        'no action needed: the next run takes the lease over',
      )
}

function schemaFact(number: number): HealthFact {
  const newest = MIGRATIONS.length
  if (number > newest) {
    const why = `the tables have schema ${number}, but this version of assets supports only ${newest}`
    return bad('schema', why, 'install the version of assets that wrote the state, or a newer one')
  }
  if (number === 0) return good('schema', 'no tables yet; the first command creates them')
  const message = `${number} of ${newest}`
  return number === newest
    ? good('schema', message)
    : good('schema', `${message}; the next command migrates it`)
}
