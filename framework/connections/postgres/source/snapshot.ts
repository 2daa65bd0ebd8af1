import { ProblemError } from '../../../model/problem.ts'
import type { ServerNow } from '../probe/position.ts'
import { severalServers } from '../problems.ts'
import { type Client, disconnect } from './client.ts'
import type { Source } from './source.ts'
import { beginReading, endReading } from './transaction.ts'

/** A snapshot of the source that several sessions share. */
export interface Snapshot extends ServerNow {
  /** The session that exports the snapshot. Others can join only while it is open. */
  readonly lead: Client
  /**
   * Opens another session in the same snapshot. Throws a `ProblemError`, among them `source-pooler` if the
   * session reaches another server, and errors of the driver.
   */
  join(): Promise<Client>
  /** Ends all sessions of the snapshot, and leaves no setting in them (SEMANTICS 39). */
  close(): Promise<void>
}

/**
 * Milliseconds that another session may take to begin. A pooler lets it wait until a connection is free,
 * which may be at the end of this load. Then fewer sessions read.
 */
const JOIN_PATIENCE = 5_000

/** Throws a `ProblemError` if the source cannot be opened, and otherwise errors of the driver. */
export async function openSnapshot(source: Source): Promise<Snapshot> {
  const lead = await source.open()
  const clients = [lead]
  let exported: Promise<ExportedSnapshot> | null = null
  let leadAnswers: Promise<string> | null = null
  try {
    await beginReading(lead)
    const { lives, isStandby, ...identity } = await source.identify(lead)
    const server = { ...identity, snapshot: isStandby ? null : await readTransactions(lead) }
    return {
      lead,
      server,
      lives,
      async join() {
        exported ??= exportSnapshot(lead)
        const { id, server } = await exported
        const client = await source.open()
        clients.push(client)
        try {
          await beginReading(client, { snapshot: id, patience: JOIN_PATIENCE })
          if ((await serverOf(client)) === server) return client
        } catch (error) {
          if (!isWithoutSnapshot(error)) throw error
          // A server also forgets the snapshot if it loses the lead. Then this throws.
          leadAnswers ??= serverOf(lead)
          await leadAnswers
        }
        throw new ProblemError(severalServers(source.sourceName))
      },
      async close() {
        await Promise.all(clients.map(leave))
      },
    }
  } catch (error) {
    await leave(lead)
    throw error
  }
}

async function leave(client: Client): Promise<void> {
  await endReading(client)
  await disconnect(client)
}

interface ExportedSnapshot {
  readonly id: string
  /** The server that has it, as `serverOf` names it. */
  readonly server: string
}

/**
 * Exports the snapshot of a session. PostgreSQL exports none from a subtransaction, so no savepoint can
 * save the transaction from a failure: whether the user may call the functions is asked before.
 */
async function exportSnapshot(client: Client): Promise<ExportedSnapshot> {
  const { rows: rights } = await client.query<{ allowed: boolean }>(MAY_EXPORT)
  if (rights[0]?.allowed !== true) throw new Error('the user may not call pg_export_snapshot')
  const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id')
  return { id: rows[0]?.id ?? '', server: await serverOf(client) }
}

const MAY_EXPORT = `
select pg_catalog.has_function_privilege('pg_catalog.pg_export_snapshot()', 'execute')
  and pg_catalog.has_function_privilege('pg_catalog.pg_postmaster_start_time()', 'execute') as allowed`

/** The start of the server, in microseconds: no two servers behind a pooler have the same. */
async function serverOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ started: string }>(
    'select extract(epoch from pg_postmaster_start_time())::text as started',
  )
  return rows[0]?.started ?? ''
}

/** Whether the server does not have the snapshot: 22023 before PostgreSQL 17, 42704 since; 0A000: another database. */
function isWithoutSnapshot(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['22023', '42704', '0A000'].includes(code)
}

/** The transactions that this session sees as committed. The function was renamed in PostgreSQL 13. */
async function readTransactions(client: Client): Promise<string> {
  const { rows: version } = await client.query<{ number: number }>(
    "select current_setting('server_version_num')::int as number",
  )
  const name =
    (version[0]?.number ?? 0) >= 130_000 ? 'pg_current_snapshot' : 'txid_current_snapshot'
  const { rows } = await client.query<{ snapshot: string }>(`select ${name}()::text as snapshot`)
  return rows[0]?.snapshot ?? ''
}

/** Runs `use` in a savepoint, so that its failure does not end the transaction and its snapshot. */
export async function withSavepoint<T>(client: Client, use: () => Promise<T>): Promise<T> {
  await client.query('savepoint part')
  try {
    const value = await use()
    await client.query('release part')
    return value
  } catch (error) {
    await client.query('rollback to part; release part').catch(() => {})
    throw error
  }
}
