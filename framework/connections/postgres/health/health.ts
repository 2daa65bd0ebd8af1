import { bad, doubtful, factOf, good, type HealthFact } from '../../../model/health-fact.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { Examine, HealthSubject } from '../../../ports/health.ts'
import { examineEmbedded } from '../embedded/health.ts'
import { probeProblem } from '../problems.ts'
import { EMBEDDED, type PostgresSettings, readSettings } from '../settings.ts'
import type { SourceTable } from '../source/catalog.ts'
import type { Client } from '../source/client.ts'
import { selectColumns } from '../source/select-columns.ts'
import { serverSource } from '../source/server.ts'
import type { Snapshot } from '../source/snapshot.ts'
import { quoteIfNeeded } from '../source/sql.ts'
import { loadModeOf } from '../source/stream-mode.ts'
import { openStreamTables, type StreamTable } from '../source/stream-tables.ts'
import { serverFacts, slotsFacts } from './replication.ts'

/** Examines whether the source answers and all declared streams can be read. */
export const examine: Examine = (subject) => {
  const settings = readSettings(subject.settings)
  const facts =
    settings.url === EMBEDDED
      ? examineEmbedded(settings, subject)
      : examineServer(settings, subject)
  return [{ part: null, facts }]
}

async function* examineServer(
  settings: PostgresSettings,
  subject: HealthSubject,
): AsyncGenerator<HealthFact> {
  const source = serverSource(settings)
  const opened = await openStreamTables(source, subject.streams, settings.schema)
  if (!opened.ok) throw new ProblemError(...opened.problems)
  const { snapshot, tables } = opened.value
  const leave = () => void snapshot.close()
  subject.signal.addEventListener('abort', leave, { once: true })
  try {
    yield* serverFacts(snapshot.lead, source.sourceName.address, subject.site.clock)
    yield* await sessionFacts(snapshot, source.sessions)
    yield* streamFacts(tables)
    yield* await privilegeFacts(snapshot.lead, tables)
    yield* await slotsFacts(snapshot.lead, subject, null)
  } catch (error) {
    throw new ProblemError(probeProblem(error, source.sourceName))
  } finally {
    subject.signal.removeEventListener('abort', leave)
    await snapshot.close()
  }
}

/** Whether two sessions can read from one snapshot, as a load with several sessions does. */
async function sessionFacts(snapshot: Snapshot, sessions: number): Promise<readonly HealthFact[]> {
  if (sessions === 1) return []
  try {
    await snapshot.join()
    return [good('sessions', 'two sessions read from one snapshot')]
  } catch (error) {
    if (error instanceof ProblemError && error.problems[0]?.code === 'source-pooler') {
      return [factOf('sessions', error.problems[0])]
    }
    const reason = error instanceof Error ? error.message : String(error)
    return [
      doubtful(
        'sessions',
        `a second session could not be opened, so loads read with one: ${reason}`,
        'raise the connection limit of the user, the server or the pooler, or set `sessions: 1`',
      ),
    ]
  }
}

/** Whether the tables, columns and keys of the streams exist, and whether the source enforces the keys. */
function streamFacts(streamTables: readonly StreamTable[]): readonly HealthFact[] {
  if (streamTables.length === 0) return []
  const faults = streamTables.flatMap((one) => {
    const selected = selectColumns(one)
    return selected.ok ? [] : selected.problems.map((each) => factOf(one.stream.stream, each))
  })
  const unenforced = streamTables.filter(
    ({ stream, table }) => table !== null && isKeyUnenforced(stream, table),
  )
  const names = unenforced.map(({ stream }) => stream.stream).join(', ')
  return [
    ...(faults.length > 0
      ? faults
      : [good('streams', `all ${streamTables.length} exist, with their columns and keys`)]),
    ...(unenforced.length === 0
      ? []
      : [
          doubtful(
            'keys',
            `the source does not enforce primary_key in ${names}; of rows with equal keys only the newest is loaded`,
            'add a primary key in the source, or correct `primary_key:`',
          ),
        ]),
  ]
}

function isKeyUnenforced(stream: Stream, table: SourceTable): boolean {
  const { merges, isKeyUnique } = loadModeOf(stream, table)
  return merges && !isKeyUnique
}

interface PrivilegeRow {
  readonly oid: string
  readonly who: string
  readonly enters: boolean
  readonly reads: boolean
}

async function privilegeFacts(
  client: Client,
  streamTables: readonly StreamTable[],
): Promise<readonly HealthFact[]> {
  const tables = streamTables.flatMap(({ table }) => (table === null ? [] : [table]))
  if (tables.length === 0) return []
  const { rows } = await client.query<PrivilegeRow>(PRIVILEGES, [tables.map(({ oid }) => oid)])
  const byOid = new Map(rows.map((row) => [row.oid, row]))
  const lacking = (right: 'enters' | 'reads') =>
    tables.filter(({ oid }) => byOid.get(oid)?.[right] !== true)
  const schemas = [...new Set(lacking('enters').map(({ namespace }) => quoteIfNeeded(namespace)))]
  const unread = lacking('reads').map(
    ({ namespace, name }) => `${quoteIfNeeded(namespace)}.${quoteIfNeeded(name)}`,
  )
  if (schemas.length === 0 && unread.length === 0) {
    return [good('privileges', `select on all ${tables.length} tables`)]
  }
  const who = quoteIfNeeded(rows[0]!.who)
  const grants = [
    ...(schemas.length === 0 ? [] : [`grant usage on schema ${schemas.join(', ')} to ${who}`]),
    ...(unread.length === 0 ? [] : [`grant select on ${unread.join(', ')} to ${who}`]),
  ]
  const missing = [...schemas.map((name) => `schema ${name}`), ...unread].join(', ')
  return [bad('privileges', `${who} may not read ${missing}`, grants.join('; '))]
}

const PRIVILEGES = `
select c.oid::text, current_user::text as who,
  pg_catalog.has_schema_privilege(c.relnamespace, 'usage') as enters,
  pg_catalog.has_table_privilege(c.oid, 'select') as reads
from pg_catalog.pg_class c where c.oid = any ($1::oid[])`
