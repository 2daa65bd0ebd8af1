import type { ClientConfig, Client as PgClient } from 'pg'
import { connected, isRefusedByHba, isTlsFailure, openFirst } from '../../../lib/postgres-login.ts'
import {
  type ConnectAttempt,
  connectAttempts,
  encryptedAttempt,
} from '../../../lib/postgres-url.ts'
import { ProblemError } from '../../../model/problem.ts'
import { connectProblem, isConnectionLost, type SourceName, tlsDemanded } from '../problems.ts'

/** One session with the source: a client of `pg`. */
export type Client = PgClient

/** Milliseconds for TCP, TLS and login together. */
const CONNECT_TIMEOUT = 15_000

/**
 * Opens a session. The start-up message holds the user, the database and a name, so that a pooler accepts
 * it, and `options` only if the URL has them. No setting is made for the session: `beginReading` makes
 * them for a transaction (SEMANTICS 39). Throws a `ProblemError`: unreachable, refused by pg_hba.conf, login
 * rejected, database missing, TLS, a pooler that does not accept it.
 */
export async function connect(
  url: string,
  sourceName: SourceName,
  timeout = CONNECT_TIMEOUT,
): Promise<Client> {
  // As psql does, also without sslmode.
  const attempts = connectAttempts(url, process.env.PGSSLMODE || 'prefer')
  const open = (attempt: ConnectAttempt) =>
    openClient({ connectionString: attempt.url, connectionTimeoutMillis: timeout })
  try {
    return await openFirst(attempts, open)
  } catch (error) {
    const isPlainOnly = attempts.every(({ tls }) => !tls)
    if (isPlainOnly && isRefusedByHba(error) && (await admitsTls(url, open))) {
      throw new ProblemError(tlsDemanded(error, sourceName))
    }
    throw new ProblemError(connectProblem(error, sourceName))
  }
}

/** Opens a session and runs statements in it. Throws a `ProblemError` as `connect` does. */
export async function connectWith(
  config: ClientConfig,
  sourceName: SourceName,
  statements: readonly string[],
): Promise<Client> {
  let client: Client | null = null
  try {
    client = await openClient({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT })
    for (const text of statements) await client.query(text)
    return client
  } catch (error) {
    await client?.end().catch(() => {})
    throw new ProblemError(connectProblem(error, sourceName))
  }
}

/** Ends a session, even if its connection is lost. */
export async function disconnect(client: Client): Promise<void> {
  await client.end().catch(() => {})
}

/** What ended a session while it was idle, for example a timeout of the server; undefined if nothing did. */
export const endOf = (client: Client): unknown => ends.get(client)

const ends = new WeakMap<Client, unknown>()

async function openClient(config: ClientConfig): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ application_name: 'assets', keepAlive: true, ...config })
  // Without a listener a lost connection ends the process. The running or next query fails anyway.
  client.on('error', (error) => {
    if (!ends.has(client)) ends.set(client, error)
  })
  return connected(client)
}

/**
 * Whether a server that refuses a connection without TLS by its pg_hba.conf admits one with it. The
 * message is the same for a server that admits neither.
 */
async function admitsTls(
  url: string,
  open: (attempt: ConnectAttempt) => Promise<Client>,
): Promise<boolean> {
  const attempt = encryptedAttempt(url)
  if (attempt === null) return false
  try {
    await disconnect(await open(attempt))
    return true
  } catch (error) {
    return !isTlsFailure(error) && !isRefusedByHba(error) && !isConnectionLost(error)
  }
}
