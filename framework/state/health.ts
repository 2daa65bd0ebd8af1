import { formatDuration } from '../lib/duration.ts'
import { bad, doubtful, good, type HealthFact } from '../model/health-fact.ts'
import type { Clock } from '../ports/site.ts'
import type { Database } from './database.ts'
import { localProcesses } from './lease-owner.ts'
import { leaseTime, lifeIn, readLease } from './lease-row.ts'
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
  const context = { database, clock, processes: localProcesses(), watches: new Map(), history: 0 }
  const found = await database.transaction('read', async (tx) => {
    const lease = await readLease(tx, target)
    if (lease === null) return null
    const life = await lifeIn(tx, target, lease, context)
    return { ...lease, life, now: await leaseTime(tx, context) }
  })
  if (found === null) {
    yield good('lease', 'free')
    return
  }
  const { run, owner, since, heartbeat, life, now } = found
  const holder = `run ${run} (process ${owner.pid} on ${owner.host})`
  if (life === 'unsure') {
    yield doubtful(
      'lease',
      `held by ${holder}, whose last heartbeat is dated ${formatDuration(heartbeat - now)} in the future`,
      'set the clock that is wrong; the next run finds out within a minute whether that run is alive',
    )
    return
  }
  yield life === 'alive'
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
