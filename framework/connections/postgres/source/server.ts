import { connect as connectSocket } from 'node:net'
import { hash } from '../../../lib/hash.ts'
import { addressOf, withLibpqModes } from '../../../lib/postgres-url.ts'
import type { Settings } from '../settings.ts'
import { type Client, connect } from './client.ts'
import type { Source } from './source.ts'

/** The source at a URL: any PostgreSQL from 12 on. */
export function serverSource({ name, url, sessions }: Settings): Source {
  const address = addressOf(url)
  const spoken = { to: address, connection: name }
  return {
    spoken,
    sessions,
    admin: null,
    peek: async () => ({ state: 'ask' }),
    open: () => connect({ connectionString: withLibpqModes(url) }, spoken),
    identify: (client) => identify(client, address),
    cancel,
    rest: async () => {},
    close: async () => {},
  }
}

/**
 * The functions are open to everybody unless an administrator closed them; then this database can't
 * be told from another, and nothing is ever proved.
 */
async function identify(client: Client, address: string) {
  try {
    const { rows } = await client.query<{ system: string; timeline: string }>(IDENTITY)
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
 * Asks the server to break off what this session runs. It listens for that on a socket of its own,
 * in the clear and without an answer
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
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
