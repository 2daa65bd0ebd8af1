import { bad, clockFact, doubtful, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import { stateFacts } from '../health.ts'
import { PostgresDatabase } from './database.ts'
import { readSettings } from './index.ts'
import { lostProblem, type Store } from './problems.ts'
import { Lost, Session } from './session.ts'

/** A round trip slower than this makes each commit of a run slow, in milliseconds. */
const SLOW = 250
/** What does not answer now is the fact. */
const NO_PATIENCE = { opening: 0, working: 0 }

/** Whether the server answers, how fast, what we may do there, and who has the right to run. */
export const examine: Examine = (patient) => [{ part: null, facts: examineServer(patient) }]

async function* examineServer(patient: HealthSubject): AsyncGenerator<HealthFact> {
  const { site, settings, signal } = patient
  const read = readSettings(settings)
  if (!read.ok) throw new ProblemError(...read.problems)
  const { url, store } = read.value
  const session = await Session.open(url, store)
  const database = new PostgresDatabase(url, store, NO_PATIENCE)
  const leave = () => void session.end()
  signal.addEventListener('abort', leave, { once: true })
  try {
    yield* await serverFacts(session, store, site.clock)
    yield await rightsFact(session, store)
    yield* stateFacts(database, site.target.name, site.clock)
  } catch (error) {
    if (error instanceof Lost) throw new ProblemError(lostProblem(error.cause, store))
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
    await Promise.all([session.end(), database.close()])
  }
}

type ServerRow = [version: string, number: number, who: string, at: number, backend: number]

async function serverFacts(
  session: Session,
  { address }: Store,
  clock: () => number,
): Promise<readonly HealthFact[]> {
  const asked = clock()
  const before = performance.now()
  const { rows } = await session.ask<ServerRow>(
    `select current_setting('server_version'), current_setting('server_version_num')::int,
       current_user::text, (extract(epoch from clock_timestamp()) * 1000)::double precision,
       pg_backend_pid()`,
  )
  const took = performance.now() - before
  const answered = clock()
  const [version, number, who, at, backend] = rows[0]!
  // A pooler tells process numbers of its own.
  const through = backend === session.backend ? '' : ', through a pooler'
  const named = `PostgreSQL ${version} at ${address}, as ${who}${through}`
  return [
    number >= 120_000
      ? good('server', named)
      : bad('server', `${named}: 12 is the oldest that will do`, 'upgrade it'),
    took <= SLOW
      ? good('round trip', `${Math.max(1, Math.round(took))} ms`)
      : doubtful(
          'round trip',
          `${Math.round(took)} ms, and each step of a run takes several`,
          'keep the state near to where runs are',
        ),
    clockFact(at, { asked, answered }),
  ]
}

/** Yes and no as 1 and 0. */
type RightsRow = [isThere: number, may: number, who: string]

async function rightsFact(session: Session, { schema }: Store): Promise<HealthFact> {
  const { rows } = await session.ask<RightsRow>(
    `select (to_regnamespace($1) is not null)::int,
       (case when to_regnamespace($1) is null
         then has_database_privilege(current_database(), 'create')
         else has_schema_privilege(to_regnamespace($1)::oid, 'usage, create') end)::int,
       current_user::text`,
    [`"${schema}"`],
  )
  const [isThere, may, who] = rows[0]!
  if (may)
    return good(
      'privileges',
      isThere === 1 ? `may write schema ${schema}` : `may make schema ${schema}`,
    )
  return bad(
    'privileges',
    `${who} may not ${isThere === 1 ? 'write' : 'make'} schema ${schema}`,
    isThere === 1
      ? `grant usage, create on schema ${schema} to ${who}`
      : `create schema ${schema} authorization ${who}`,
  )
}
