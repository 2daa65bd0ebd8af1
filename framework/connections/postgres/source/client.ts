import type { ClientConfig, Client as PgClient } from 'pg'
import { ProblemError } from '../../../model/problem.ts'
import { connectProblem, type SourceName } from '../problems.ts'

/** One session with the source: a client of `pg`. */
export type Client = PgClient

/**
 * Settings that the text of values depends on. Timeouts of the role or the database are disabled, because
 * they would end a long COPY. Reading pg_settings skips timeouts that this server version does not have.
 */
const SESSION = `
set datestyle = 'ISO, YMD';
set intervalstyle = 'postgres';
set timezone = 'UTC';
set bytea_output = 'hex';
set extra_float_digits = 3;
set client_encoding = 'UTF8';
set standard_conforming_strings = on;
select set_config(name, '0', false) from pg_catalog.pg_settings
where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`

/**
 * Opens a session. The statements `first` run before the session's settings. Throws a `ProblemError`:
 * unreachable, login rejected, database missing, TLS.
 */
export async function connect(
  config: ClientConfig,
  sourceName: SourceName,
  first: readonly string[] = [],
): Promise<Client> {
  const { default: pg } = await import('pg')
  let client: Client | null = null
  try {
    client = new pg.Client({
      application_name: 'assets',
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
      ...config,
    })
    // Without a listener a lost connection ends the process. The running or next query fails anyway.
    client.on('error', () => {})
    await client.connect()
    for (const text of first) await client.query(text)
    await client.query(SESSION)
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
