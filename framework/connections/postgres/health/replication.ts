import { addressOf } from '../../../lib/postgres-url.ts'
import { bad, clockFact, good, type HealthFact } from '../../../model/health-fact.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { HealthSubject } from '../../../ports/health.ts'
import { probeProblem } from '../problems.ts'
import { type Client, connect, disconnect } from '../source/client.ts'
import { quoteIfNeeded } from '../source/sql.ts'
import { beginReading, endReading } from '../source/transaction.ts'
import { type SlotLimits, type SlotReading, slotFacts } from './replication-slot.ts'

/** A source whose changes a service reads from a replication slot. */
export interface ReplicatedSource {
  readonly connection: string
  readonly url: string
  readonly slot: string
  readonly publication: string
  /** Size of the server's disk in bytes; null if it is not known. */
  readonly disk: number | null
  /** Schema of streams without a namespace. */
  readonly schema: string
}

/** Time between the two readings of a slot, in milliseconds. */
const INTERVAL = 2_000
/** In milliseconds. Shorter than the time limit of the whole examination. */
const CONNECT_TIMEOUT = 8_000

/** Examines everything that change data capture needs in the source. Throws as `Examination` says. */
export async function* examineReplication(
  source: ReplicatedSource,
  subject: HealthSubject,
): AsyncGenerator<HealthFact> {
  const { connection, url } = source
  const sourceName = { address: addressOf(url), connection }
  const client = await connect(url, sourceName, CONNECT_TIMEOUT)
  const leave = () => void disconnect(client)
  subject.signal.addEventListener('abort', leave, { once: true })
  try {
    await beginReading(client)
    yield* serverFacts(client, sourceName.address, subject.site.clock)
    yield await levelFact(client)
    yield* await publicationFacts(client, source, subject)
    const slots = await slotsFacts(client, subject, source.disk, source.slot)
    yield* slots.length > 0 ? slots : [slotMissing(source.slot)]
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw new ProblemError(probeProblem(error, sourceName))
  } finally {
    subject.signal.removeEventListener('abort', leave)
    await endReading(client)
    await disconnect(client)
  }
}

interface ServerRow {
  readonly version: string
  readonly number: number
  readonly who: string
  readonly backend: number
  readonly at: string
}

/** The server's version, the user, whether a pooler is between, and the server's clock. */
export async function* serverFacts(
  client: Client,
  address: string,
  clock: () => number,
): AsyncGenerator<HealthFact> {
  const asked = clock()
  const { rows } = await client.query<ServerRow>(
    `select current_setting('server_version') as version, current_user as who,
       current_setting('server_version_num')::int as number, pg_backend_pid() as backend,
       extract(epoch from clock_timestamp()) * 1000 as at`,
  )
  const answered = clock()
  const { version, number, who, backend, at } = rows[0]!
  // A pooler reports process numbers of its own. `pg` keeps them, but does not declare it.
  const { processID } = client as unknown as { readonly processID: number }
  const named = `PostgreSQL ${version} at ${address}, as ${who}${backend === processID ? '' : ', through a pooler'}`
  yield number >= 120_000
    ? good('server', named)
    : bad('server', `${named}: version 12 or later is required`, 'upgrade the server')
  yield clockFact(Number(at), { asked, answered })
}

async function levelFact(client: Client): Promise<HealthFact> {
  const { rows } = await client.query<{ level: string }>(
    `select current_setting('wal_level') as level`,
  )
  const level = rows[0]!.level
  if (level === 'logical') return good('wal_level', level)
  return bad(
    'wal_level',
    `wal_level is ${level}; change data capture requires logical`,
    "run alter system set wal_level = 'logical', then restart (RDS: set rds.logical_replication = 1 in the parameter group, then reboot)",
  )
}

function slotMissing(slot: string): HealthFact {
  return bad(
    `slot ${slot}`,
    'the slot does not exist, so the server keeps no changes',
    `create it (deploy/cdc.sql does): select pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
  )
}

/** Reads one slot, or all slots of the server, twice. Empty if there is none. */
export async function slotsFacts(
  client: Client,
  { sleep }: Pick<HealthSubject, 'sleep'>,
  disk: number | null,
  name: string | null = null,
): Promise<readonly HealthFact[]> {
  const first = await readSlots(client, name)
  if (first.size === 0) return []
  const bounds: SlotLimits = { keep: await readKeep(client), disk }
  await sleep(INTERVAL)
  const second = await readSlots(client, name)
  return [...first].flatMap(([name, before]) => {
    const now = second.get(name)
    return now === undefined ? [] : slotFacts(before, now, bounds)
  })
}

interface SlotRow {
  readonly slot: Readonly<Record<string, unknown>>
  readonly kept: string | null
  readonly at: string
}

async function readSlots(
  client: Client,
  name: string | null,
): Promise<ReadonlyMap<string, SlotReading>> {
  const { rows } = await client.query<SlotRow>(SLOTS, [name])
  return new Map(rows.map((row) => [String(row.slot.slot_name), slotReading(row)]))
}

function slotReading({ slot, kept, at }: SlotRow): SlotReading {
  const { plugin, wal_status: walStatus, safe_wal_size: safe, inactive_since: since } = slot
  return {
    name: String(slot.slot_name),
    plugin: typeof plugin === 'string' ? plugin : null,
    active: slot.active === true,
    walStatus: typeof walStatus === 'string' ? walStatus : null,
    walKept: kept === null ? null : Math.max(0, Number(kept)),
    walLeft: typeof safe === 'number' ? safe : null,
    inactiveSince: typeof since === 'string' ? Date.parse(since) : null,
    at: Number(at),
  }
}

/** The setting is in megabytes, or −1 for no limit. It exists since PostgreSQL 13. */
async function readKeep(client: Client): Promise<SlotLimits['keep']> {
  const { rows } = await client.query<{ megabytes: number }>(
    `select setting::int as megabytes from pg_catalog.pg_settings where name = 'max_slot_wal_keep_size'`,
  )
  const megabytes = rows[0]?.megabytes
  if (megabytes === undefined) return null
  return megabytes < 0 ? 'none' : megabytes * 1024 ** 2
}

interface PublishedRow {
  readonly namespace: string
  readonly name: string
  readonly exists: boolean
  readonly published: boolean
}

/** Whether the publication includes every declared stream. */
async function publicationFacts(
  client: Client,
  { publication, schema, connection }: ReplicatedSource,
  { streams }: HealthSubject,
): Promise<readonly HealthFact[]> {
  const subject = `publication ${publication}`
  const { rowCount } = await client.query('select from pg_publication where pubname = $1', [
    publication,
  ])
  if (rowCount === 0) {
    const fix = `create it (deploy/cdc.sql does, with its tables): create publication ${quoteIfNeeded(publication)}`
    return [bad(subject, 'the publication does not exist, so no change is published', fix)]
  }
  const namespaces = streams.map(({ namespace }) => namespace ?? schema)
  const names = streams.map(({ stream }) => stream)
  const { rows } = await client.query<PublishedRow>(PUBLISHED, [publication, namespaces, names])
  const tableNames = (rows: readonly PublishedRow[]) =>
    rows
      .map(({ namespace, name }) => `${quoteIfNeeded(namespace)}.${quoteIfNeeded(name)}`)
      .join(', ')
  const absent = rows.filter(({ exists }) => !exists)
  const unpublished = rows.filter(({ exists, published }) => exists && !published)
  const facts: HealthFact[] = []
  if (absent.length > 0) {
    const message = `the source has no table ${tableNames(absent)}, which streams of connection ${connection} name`
    facts.push(bad(subject, message, 'correct `stream:` or `namespace:` of the asset'))
  }
  if (unpublished.length > 0) {
    const tables = tableNames(unpublished)
    const fix = `alter publication ${quoteIfNeeded(publication)} add table ${tables}`
    facts.push(bad(subject, `the publication does not include ${tables}`, fix))
  }
  return facts.length > 0 ? facts : [good(subject, `includes all ${rows.length} streams`)]
}

/** Slots are read as JSON, because newer server versions have more columns. */
const SLOTS = `
select to_jsonb(s) as slot, pg_catalog.pg_wal_lsn_diff(here.lsn, s.restart_lsn) as kept,
  extract(epoch from clock_timestamp()) * 1000 as at
from pg_catalog.pg_replication_slots s,
  (select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_receive_lsn()
    else pg_catalog.pg_current_wal_lsn() end as lsn) here
where not s.temporary and ($1::text is null or s.slot_name = $1)
order by s.slot_name`

const PUBLISHED = `
select w.namespace, w.name,
  exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = w.namespace and c.relname = w.name and c.relkind in ('r', 'p')) as exists,
  exists (select from pg_catalog.pg_publication_tables t
    where t.pubname = $1 and t.schemaname = w.namespace and t.tablename = w.name) as published
from unnest($2::text[], $3::text[]) with ordinality as w(namespace, name, position)
order by w.position`
