import type { ServerPosition } from '../probe/position.ts'
import { type Client, disconnect } from './client.ts'
import type { Source } from './source.ts'
import { literal } from './sql.ts'

/** One moment of the source, as any number of sessions see it. */
export interface Snapshot {
  readonly server: ServerPosition
  /** The session that holds the moment: it has to live for others to join. */
  readonly lead: Client
  /** A further session that sees the same. Throws a `ProblemError`. */
  join(): Promise<Client>
  /** Ends all its sessions. */
  close(): Promise<void>
}

const BEGIN = 'begin isolation level repeatable read read only'

/** Throws a `ProblemError` when the source can't be reached, else what the driver throws. */
export async function openSnapshot(source: Source): Promise<Snapshot> {
  const lead = await source.open()
  const clients = [lead]
  let exported: Promise<string> | null = null
  try {
    const identity = await source.identify(lead)
    await lead.query(BEGIN)
    const server = { ...identity, snapshot: await committed(lead) }
    return {
      lead,
      server,
      async join() {
        exported ??= guarded(lead, () => exportSnapshot(lead))
        const id = await exported
        const client = await source.open()
        clients.push(client)
        await client.query(`${BEGIN}; set transaction snapshot ${literal(id)}`)
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

/** Which transactions this session sees as committed. Renamed in PostgreSQL 13. */
async function committed(client: Client): Promise<string> {
  const { rows: version } = await client.query<{ number: number }>(
    "select current_setting('server_version_num')::int as number",
  )
  const name =
    (version[0]?.number ?? 0) >= 130_000 ? 'pg_current_snapshot' : 'txid_current_snapshot'
  const { rows } = await client.query<{ snapshot: string }>(`select ${name}()::text as snapshot`)
  return rows[0]?.snapshot ?? ''
}

/** Runs `use` so that its failure leaves the session's transaction, and so the snapshot, intact. */
export async function guarded<T>(client: Client, use: () => Promise<T>): Promise<T> {
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
