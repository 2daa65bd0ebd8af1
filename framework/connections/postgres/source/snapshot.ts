import type { ServerNow } from '../probe/position.ts'
import { type Client, disconnect } from './client.ts'
import type { Source } from './source.ts'
import { quoteLiteral } from './sql.ts'

/** A snapshot of the source that several sessions share. */
export interface Snapshot extends ServerNow {
  /** The session that exports the snapshot. Others can join only while it is open. */
  readonly lead: Client
  /** Opens another session in the same snapshot. Throws a `ProblemError`. */
  join(): Promise<Client>
  /** Ends all sessions of the snapshot. */
  close(): Promise<void>
}

const BEGIN = 'begin isolation level repeatable read read only'

/** Throws a `ProblemError` if the source cannot be opened, and otherwise errors of the driver. */
export async function openSnapshot(source: Source): Promise<Snapshot> {
  const lead = await source.open()
  const clients = [lead]
  let exported: Promise<string> | null = null
  try {
    const { lives, isStandby, ...identity } = await source.identify(lead)
    await lead.query(BEGIN)
    const server = { ...identity, snapshot: isStandby ? null : await readTransactions(lead) }
    return {
      lead,
      server,
      lives,
      async join() {
        exported ??= withSavepoint(lead, () => exportSnapshot(lead))
        const id = await exported
        const client = await source.open()
        clients.push(client)
        await client.query(`${BEGIN}; set transaction snapshot ${quoteLiteral(id)}`)
        return client
      },
      async close() {
        await Promise.all(clients.map(disconnect))
      },
    }
  } catch (error) {
    await disconnect(lead)
    throw error
  }
}

async function exportSnapshot(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id')
  return rows[0]?.id ?? ''
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
    await client.query('rollback to part').catch(() => {})
    throw error
  }
}
