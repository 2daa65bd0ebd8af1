import type { ClientConfig, Client as PgClient } from 'pg'
import { ProblemError } from '../../../model/problem.ts'
import { connectProblem, type Spoken } from '../problems.ts'

/** One session with the source, with `pg`'s own interface. */
export type Client = PgClient

/**
 * What text of values depends on. Timeouts that a role or database may have set would end a long
 * COPY; those that this server doesn't know are left alone.
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
 * Opens a session; `first` runs before its settings are made. Throws a `ProblemError`:
 * unreachable, refused, database missing, TLS.
 */
export async function connect(
  config: ClientConfig,
  spoken: Spoken,
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
    // A loss shows up in the query that runs or comes next; without a listener it ends the process.
    client.on('error', () => {})
    await client.connect()
    for (const text of first) await client.query(text)
    await client.query(SESSION)
    return client
  } catch (error) {
    await client?.end().catch(() => {})
    throw new ProblemError(connectProblem(error, spoken))
  }
}

/** Ends a session, also one whose connection is gone. */
export async function disconnect(client: Client): Promise<void> {
  await client.end().catch(() => {})
}
