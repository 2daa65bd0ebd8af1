import { bad, clockFact, doubtful, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import { stateFacts } from '../health.ts'
import { PostgresDatabase } from './database.ts'
import { readSettings } from './index.ts'
import { lostProblem, type PostgresStateLabel } from './problems.ts'
import { PostgresSession, SessionLost } from './session.ts'

/** A round trip longer than this makes every commit of a run slow. */
const SLOW_MS = 250
/** An examination reports an unreachable server at once. */
const NO_RETRIES = { opening: 0, working: 0 }

/** Examines the server: version, round trip, clock, privileges, tables, and the lease. */
export const examine: Examine = (subject) => [{ part: null, facts: examineServer(subject) }]

async function* examineServer(subject: HealthSubject): AsyncGenerator<HealthFact> {
  const { site, settings, signal } = subject
  const read = readSettings(settings)
  if (!read.ok) throw new ProblemError(...read.problems)
  const { url, label } = read.value
  const session = await PostgresSession.open(url, label)
  const database = new PostgresDatabase(url, label, NO_RETRIES)
  const leave = () => void session.end()
  signal.addEventListener('abort', leave, { once: true })
  try {
    yield* await serverFacts(session, label, site.clock)
    yield await rightsFact(session, label)
    yield* stateFacts(database, site.target.name, site.clock)
  } catch (error) {
    if (error instanceof SessionLost) throw new ProblemError(lostProblem(error.cause, label))
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
    await Promise.all([session.end(), database.close()])
  }
}

type ServerRow = [version: string, number: number, user: string, at: number, backend: number]

async function serverFacts(
  session: PostgresSession,
  { address }: PostgresStateLabel,
  clock: () => number,
): Promise<readonly HealthFact[]> {
  const asked = clock()
  const before = performance.now()
  const { rows } = await session.query<ServerRow>(
    `select current_setting('server_version'), current_setting('server_version_num')::int,
       current_user::text, (extract(epoch from clock_timestamp()) * 1000)::double precision,
       pg_backend_pid()`,
  )
  const took = performance.now() - before
  const answered = clock()
  const [version, number, user, at, backend] = rows[0]!
  // A pooler reports process numbers of its own.
  const through = backend === session.backend ? '' : ', through a pooler'
  const named = `PostgreSQL ${version} at ${address}, user ${user}${through}`
  return [
    number >= 120_000
      ? good('server', named)
      : bad('server', `${named}: PostgreSQL 12 or newer is required`, 'upgrade the server'),
    took <= SLOW_MS
      ? good('round trip', `${Math.max(1, Math.round(took))} ms`)
      : doubtful(
          'round trip',
          `${Math.round(took)} ms, and each step of a run takes several round trips`,
          'use a server near the machine that runs assets',
        ),
    clockFact(at, { asked, answered }),
  ]
}

/** Booleans are 1 and 0. */
type RightsRow = [exists: number, isAllowed: number, user: string]

async function rightsFact(
  session: PostgresSession,
  { schema }: PostgresStateLabel,
): Promise<HealthFact> {
  const { rows } = await session.query<RightsRow>(
    `select (to_regnamespace($1) is not null)::int,
       (case when to_regnamespace($1) is null
         then has_database_privilege(current_database(), 'create')
         else has_schema_privilege(to_regnamespace($1)::oid, 'usage, create') end)::int,
       current_user::text`,
    [`"${schema}"`],
  )
  const [exists, isAllowed, user] = rows[0]!
  const action = `${exists === 1 ? 'write to' : 'create'} schema ${schema}`
  if (isAllowed) return good('privileges', `may ${action}`)
  return bad(
    'privileges',
    `user ${user} may not ${action}`,
    exists === 1
      ? `grant usage, create on schema ${schema} to ${user}`
      : `create schema ${schema} authorization ${user}`,
  )
}
