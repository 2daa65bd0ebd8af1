import { connect as connectSocket } from 'node:net'
import { hash } from '../../../lib/hash.ts'
import { addressOf } from '../../../lib/postgres-url.ts'
import type { PostgresSettings } from '../settings.ts'
import { type Client, connect } from './client.ts'
import { withSavepoint } from './snapshot.ts'
import type { Source } from './source.ts'

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
async function identify(client: Client, address: string) {
  try {
    const { rows } = await withSavepoint(client, () =>
      client.query<{ system: string; timeline: string }>(IDENTITY),
    )
    const { system, timeline } = rows[0]!
    return { system, copy: hash(address, timeline) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42501') {
      return { system: null, copy: hash(address) }
    }
    throw error
  }
}

const IDENTITY = `
select s.system_identifier || '/' || d.oid as system, c.timeline_id::text as timeline
from pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_database d
where d.datname = current_database()`

const CANCEL_REQUEST = 80_877_102

/**
 * Cancels the running query of a session. The request takes a separate socket, without TLS and without a
 * reply (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
 */
async function cancel(client: Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const message = Buffer.alloc(16)
  for (const [index, word] of [message.length, CANCEL_REQUEST, processID, secretKey].entries()) {
    message.writeInt32BE(word | 0, index * 4)
  }
  const { host, port } = client
  const path = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
  await new Promise<void>((resolve) => {
    const socket = connectSocket(path, () => socket.end(message))
    socket.on('error', () => resolve()).on('close', () => resolve())
  })
}
