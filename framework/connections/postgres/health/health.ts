import { bad, doubtful, factOf, good, type HealthFact } from '../../../model/health-fact.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { Examine, HealthSubject } from '../../../ports/health.ts'
import { examineEmbedded } from '../embedded/health.ts'
import { probeProblem } from '../problems.ts'
import { EMBEDDED, readSettings, type Settings } from '../settings.ts'
import type { Client } from '../source/client.ts'
import { selectColumns } from '../source/select-columns.ts'
import { serverSource } from '../source/server.ts'
import { shown } from '../source/sql.ts'
import { openFacts, type StreamFacts } from '../source/stream-tables.ts'
import { serverFacts, slotsFacts } from './replication.ts'

/** Whether the source answers and all that is declared of it can be read. */
export const examine: Examine = (patient) => {
  const settings = readSettings(patient.settings)
  const facts =
    settings.url === EMBEDDED
      ? examineEmbedded(settings, patient)
      : examineServer(settings, patient)
  return [{ part: null, facts }]
}

async function* examineServer(
  settings: Settings,
  patient: HealthSubject,
): AsyncGenerator<HealthFact> {
  const source = serverSource(settings)
  const opened = await openFacts(source, patient.streams, settings.schema)
  if (!opened.ok) throw new ProblemError(...opened.problems)
  const { snapshot, facts } = opened.value
  const leave = () => void snapshot.close()
  patient.signal.addEventListener('abort', leave, { once: true })
  try {
    yield* serverFacts(snapshot.lead, source.spoken.to, patient.site.clock)
    yield* declaredFacts(facts)
    yield* await privilegeFacts(snapshot.lead, facts)
    yield* await slotsFacts(snapshot.lead, patient, null)
  } catch (error) {
    throw new ProblemError(probeProblem(error, source.spoken))
  } finally {
    patient.signal.removeEventListener('abort', leave)
    await snapshot.close()
  }
}

/** Tables, columns and keys that streams name. */
function declaredFacts(facts: readonly StreamFacts[]): readonly HealthFact[] {
  if (facts.length === 0) return []
  const wrong = facts.flatMap((one) => {
    const selected = selectColumns(one)
    return selected.ok ? [] : selected.problems.map((each) => factOf(one.stream.stream, each))
  })
  const loose = facts.filter(
    ({ stream, table }) => table !== null && !isEnforced(stream, table.unique),
  )
  const names = loose.map(({ stream }) => stream.stream).join(', ')
  return [
    ...(wrong.length > 0
      ? wrong
      : [good('streams', `all ${facts.length} are there, with their columns and keys`)]),
    ...(loose.length === 0
      ? []
      : [
          doubtful(
            'keys',
            `the source does not keep primary_key unique in ${names}: of several rows the newest counts`,
            'make it the primary key there, or correct `primary_key:`',
          ),
        ]),
  ]
}

function isEnforced({ sync, primaryKey }: Stream, unique: readonly (readonly string[])[]): boolean {
  if (sync !== 'incremental_dedup') return true
  return unique.some((columns) => columns.every((column) => primaryKey.includes(column)))
}

interface PrivilegeRow {
  readonly oid: string
  readonly who: string
  readonly enters: boolean
  readonly reads: boolean
}

async function privilegeFacts(
  client: Client,
  facts: readonly StreamFacts[],
): Promise<readonly HealthFact[]> {
  const tables = facts.flatMap(({ table }) => (table === null ? [] : [table]))
  if (tables.length === 0) return []
  const { rows } = await client.query<PrivilegeRow>(PRIVILEGES, [tables.map(({ oid }) => oid)])
  const byOid = new Map(rows.map((row) => [row.oid, row]))
  const lacking = (right: 'enters' | 'reads') =>
    tables.filter(({ oid }) => byOid.get(oid)?.[right] !== true)
  const schemas = [...new Set(lacking('enters').map(({ namespace }) => shown(namespace)))]
  const unread = lacking('reads').map(({ namespace, name }) => `${shown(namespace)}.${shown(name)}`)
  if (schemas.length === 0 && unread.length === 0) {
    return [good('privileges', `select on all ${tables.length} tables`)]
  }
  const who = shown(rows[0]!.who)
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
