import { addressOf, withLibpqModes } from '../../../lib/postgres-url.ts'
import { bad, clockFact, good, type HealthFact } from '../../../model/health-fact.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { HealthSubject } from '../../../ports/health.ts'
import { probeProblem } from '../problems.ts'
import { type Client, connect, disconnect } from '../source/client.ts'
import { shown } from '../source/sql.ts'
import { type Bounds, type SlotReading, slotFacts } from './replication-slot.ts'

/** A source whose changes somebody else reads from a replication slot. */
export interface ReplicatedSource {
  readonly connection: string
  readonly url: string
  readonly slot: string
  readonly publication: string
  /** Size of the server's disk in bytes, where that is known. */
  readonly disk: number | null
  /** Schema of streams that name none. */
  readonly schema: string
}

/** Between two readings of a slot, in milliseconds. */
const INTERVAL = 2_000
/** Ours is to end before the whole examination is given up. */
const CONNECT_TIMEOUT = 8_000

/** What has to be there in a source so that its changes arrive. Throws as `Examination` says. */
export async function* examineReplication(
  source: ReplicatedSource,
  patient: HealthSubject,
): AsyncGenerator<HealthFact> {
  const { connection, url } = source
  const spoken = { to: addressOf(url), connection }
  const config = { connectionString: withLibpqModes(url), connectionTimeoutMillis: CONNECT_TIMEOUT }
  const client = await connect(config, spoken)
  const leave = () => void disconnect(client)
  patient.signal.addEventListener('abort', leave, { once: true })
  try {
    yield* serverFacts(client, spoken.to, patient.site.clock)
    yield await levelFact(client)
    yield* await publicationFacts(client, source, patient)
    const slots = await slotsFacts(client, patient, source.disk, source.slot)
    yield* slots.length > 0 ? slots : [slotMissing(source.slot)]
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw new ProblemError(probeProblem(error, spoken))
  } finally {
    patient.signal.removeEventListener('abort', leave)
    await disconnect(client)
  }
}

/** Who answers, as whom we are there, and how its clock stands. */
export async function* serverFacts(
  client: Client,
  address: string,
  clock: () => number,
): AsyncGenerator<HealthFact> {
  const asked = clock()
  const { rows } = await client.query<{ version: string; number: number; who: string; at: string }>(
    `select current_setting('server_version') as version, current_user as who,
       current_setting('server_version_num')::int as number,
       extract(epoch from clock_timestamp()) * 1000 as at`,
  )
  const answered = clock()
  const { version, number, who, at } = rows[0]!
  const named = `PostgreSQL ${version} at ${address}, as ${who}`
  yield number >= 120_000
    ? good('server', named)
    : bad('server', `${named}: 12 is the oldest that can be read`, 'upgrade it')
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
    `wal_level is ${level}, and changes can only be read when it is logical`,
    "alter system set wal_level = 'logical', then restart (RDS: rds.logical_replication = 1 in the parameter group, then reboot)",
  )
}

function slotMissing(slot: string): HealthFact {
  return bad(
    `slot ${slot}`,
    'there is no such slot: changes are not kept for anybody',
    `make it (deploy/cdc.sql does): select pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
  )
}

/** Facts of one slot, or of all that the server has, in two readings. None when it has none. */
export async function slotsFacts(
  client: Client,
  { sleep }: Pick<HealthSubject, 'sleep'>,
  disk: number | null,
  name: string | null = null,
): Promise<readonly HealthFact[]> {
  const first = await readSlots(client, name)
  if (first.size === 0) return []
  const bounds: Bounds = { keep: await readKeep(client), disk }
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
    kept: kept === null ? null : Math.max(0, Number(kept)),
    safe: typeof safe === 'number' ? safe : null,
    inactiveSince: typeof since === 'string' ? Date.parse(since) : null,
    at: Number(at),
  }
}

/** Megabytes, or −1 for no limit; the setting came with PostgreSQL 13. */
async function readKeep(client: Client): Promise<Bounds['keep']> {
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
  readonly there: boolean
  readonly published: boolean
}

/** Whether every declared stream is told of to whoever reads the publication. */
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
    const fix = `make it (deploy/cdc.sql does, with its tables): create publication ${shown(publication)}`
    return [bad(subject, 'there is no such publication: no change is told of', fix)]
  }
  const namespaces = streams.map(({ namespace }) => namespace ?? schema)
  const names = streams.map(({ stream }) => stream)
  const { rows } = await client.query<PublishedRow>(PUBLISHED, [publication, namespaces, names])
  const told = (rows: readonly PublishedRow[]) =>
    rows.map(({ namespace, name }) => `${shown(namespace)}.${shown(name)}`).join(', ')
  const absent = rows.filter(({ there }) => !there)
  const missing = rows.filter(({ there, published }) => there && !published)
  const facts: HealthFact[] = []
  if (absent.length > 0) {
    const message = `the source has no table ${told(absent)}, and connection ${connection} is to bring it`
    facts.push(bad(subject, message, 'correct `stream:` or `namespace:` of the asset'))
  }
  if (missing.length > 0) {
    const fix = `alter publication ${shown(publication)} add table ${told(missing)}`
    facts.push(bad(subject, `it does not tell of ${told(missing)}`, fix))
  }
  return facts.length > 0 ? facts : [good(subject, `tells of all ${rows.length} streams`)]
}

/** As JSON, since what a slot tells grew from version to version. */
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
    where n.nspname = w.namespace and c.relname = w.name and c.relkind in ('r', 'p')) as there,
  exists (select from pg_catalog.pg_publication_tables t
    where t.pubname = $1 and t.schemaname = w.namespace and t.tablename = w.name) as published
from unnest($2::text[], $3::text[]) with ordinality as w(namespace, name, position)
order by w.position`
