import { connect as connectSocket } from 'node:net'
import { hash } from '../../../lib/hash.ts'
import { addressOf } from '../../../lib/postgres-url.ts'
import type { PostgresSettings } from '../settings.ts'
import { type Client, connect } from './client.ts'
import { withSavepoint } from './snapshot.ts'
import type { Identity, Source } from './source.ts'

/** The source at a URL. Requires PostgreSQL 12 or later. */
export function serverSource({ name, url, sessions }: PostgresSettings): Source {
  const address = addressOf(url)
  const sourceName = { address, connection: name }
  return {
    sourceName,
    sessions,
    admin: null,
    peek: async () => ({ state: 'ask' }),
    open: () => connect(url, sourceName),
    identify: (client) => identify(client, address),
    cancel,
    rest: async () => {},
    close: async () => {},
  }
}

/**
 * Identifies the database. Every user may call the functions unless an administrator revoked them. Then
 * `system` is null, and no probe can prove a stream unchanged.
 */
async function identify(client: Client, address: string): Promise<Identity> {
  try {
    const { rows } = await withSavepoint(client, () => client.query<IdentityRow>(IDENTITY))
    const { system, timeline, life } = rows[0]!
    const isStandby = timeline === null
    return { system, copy: hash(address, timeline ?? 'standby'), life, lives: [life], isStandby }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42501') {
      return { system: null, copy: hash(address), life: '', lives: [], isStandby: false }
    }
    throw error
  }
}

interface IdentityRow {
  readonly system: string
  /** null on a standby. */
  readonly timeline: string | null
  readonly life: string
}

/*
 * The timeline of the log that is being written: pg_control_checkpoint() shows the former one for a while
 * after a promotion. The statistics are reset by every recovery from a crash, also if the server was not
 * started anew (a killed backend).
 */
const IDENTITY = `
select s.system_identifier || '/' || d.oid as system,
  case when not pg_catalog.pg_is_in_recovery()
    then substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8) end as timeline,
  extract(epoch from pg_catalog.pg_postmaster_start_time())::text || '/' ||
    coalesce(extract(epoch from pg_catalog.pg_stat_get_bgwriter_stat_reset_time())::text, '') as life
from pg_catalog.pg_control_system() s, pg_catalog.pg_database d
where d.datname = current_database()`

const CANCEL_REQUEST = 80_877_102
/** Milliseconds for a cancel request. */
const CANCEL_TIMEOUT = 10_000

/** Requests under way: a pooler answers when it has passed a request on, so another one helps nothing. */
const cancelling = new WeakMap<Client, Promise<void>>()

/** Cancels the running query of a session. A pooler finds it by the key that it gave to the session. */
function cancel(client: Client): Promise<void> {
  const underWay = cancelling.get(client)
  if (underWay !== undefined) return underWay
  const request = requestCancel(client).finally(() => cancelling.delete(client))
  cancelling.set(client, request)
  return request
}

/**
 * Sends a cancel request, on a separate socket without TLS
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS). There is no
 * reply: the server closes the socket. Like libpq, it waits for that. pgbouncer 1.18 ends with a fatal error
 * if a client closes the socket first.
 */
async function requestCancel(client: Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const message = Buffer.alloc(16)
  for (const [index, word] of [message.length, CANCEL_REQUEST, processID, secretKey].entries()) {
    message.writeInt32BE(word | 0, index * 4)
  }
  const { host, port } = client
  const path = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
  await new Promise<void>((resolve) => {
    const socket = connectSocket(path, () => socket.write(message))
    socket.on('error', () => resolve()).on('close', () => resolve())
    socket.setTimeout(CANCEL_TIMEOUT, () => socket.destroy())
    socket.resume()
  })
}
