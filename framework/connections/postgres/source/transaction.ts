import type { QueryConfig } from 'pg'
import type { Client } from './client.ts'
import { quoteLiteral } from './sql.ts'

/** Settings that the text of values depends on. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['datestyle', "'ISO, YMD'"],
  ['intervalstyle', "'postgres'"],
  ['timezone', "'UTC'"],
  ['bytea_output', "'hex'"],
  ['extra_float_digits', '3'],
  ['client_encoding', "'UTF8'"],
  ['standard_conforming_strings', 'on'],
]

/** Timeouts that would end a long COPY, or a session that waits for another one to end. */
const TIMEOUTS = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
]

/** The settings for a whole session. Only a session that no one else gets may have them. */
export const SESSION_SETTINGS = SETTINGS.map(([name, value]) => `set ${name} = ${value}`).join(';')

/** The savepoint before the timeouts, which an administrator may have forbidden to set. */
const BEFORE_TIMEOUTS = 'before_timeouts'

/** Milliseconds for the end of a transaction. A connection that does not answer is closed instead. */
const END_TIMEOUT = 5_000

export interface BeginOptions {
  /** The snapshot that another session has exported. null: a new one. */
  readonly snapshot?: string | null
  /** Milliseconds to wait for the session to begin. A pooler may have no connection left. */
  readonly patience?: number
}

/**
 * Begins the transaction in which a session reads, with the settings that reading needs. They end with it,
 * because a pooler may give the session to others afterwards (SEMANTICS 39). Throws errors of the driver.
 */
export async function beginReading(client: Client, options: BeginOptions = {}): Promise<void> {
  const { snapshot = null, patience } = options
  const text = beginStatements(snapshot, nameOf(client))
  const query: QueryConfig & { query_timeout?: number } =
    patience === undefined ? { text } : { text, query_timeout: patience }
  try {
    await client.query(query)
  } catch (error) {
    // Without the right to set timeouts, the transaction keeps those that it has.
    if (!isDenied(error)) throw error
    // The release leaves the subtransaction, from which no snapshot can be exported.
    const back = `rollback to ${BEFORE_TIMEOUTS}; release ${BEFORE_TIMEOUTS}`
    await client.query(back).catch(() => {
      throw error
    })
  }
}

/**
 * The statements that begin a transaction, as one message. What other clients of a pooler have set in the
 * session (a search path, a role) is reset first. The reset ends with the transaction too, if that is
 * rolled back. Pure.
 */
export function beginStatements(snapshot: string | null, name: string): string {
  return [
    'begin isolation level repeatable read read only',
    ...(snapshot === null ? [] : [`set transaction snapshot ${quoteLiteral(snapshot)}`]),
    'reset session authorization',
    'reset role',
    'reset all',
    `set local application_name = ${quoteLiteral(name)}`,
    ...SETTINGS.map(([setting, value]) => `set local ${setting} = ${value}`),
    `savepoint ${BEFORE_TIMEOUTS}`,
    // Reading pg_settings skips timeouts that this server version does not have.
    `select set_config(name, '0', true) from pg_catalog.pg_settings where name in (${TIMEOUTS.map(quoteLiteral).join(', ')})`,
    `release ${BEFORE_TIMEOUTS}`,
  ].join(';\n')
}

/**
 * Ends the transaction of a session that runs no query. A rollback also undoes the reset of what others
 * have set. Without it a pooler would have to close its connection to the server. Never rejects.
 */
export async function endReading(client: Client): Promise<void> {
  const { readyForQuery } = client as unknown as { readonly readyForQuery?: boolean }
  if (readyForQuery !== true || client.getTransactionStatus() === 'I') return
  const query: QueryConfig & { query_timeout: number } = {
    text: 'rollback',
    query_timeout: END_TIMEOUT,
  }
  await client.query(query).catch(() => {})
}

/** The name that the client gave at its start. `pg` keeps it, but does not declare it. */
function nameOf(client: Client): string {
  const { connectionParameters } = client as unknown as {
    readonly connectionParameters: { readonly application_name?: string }
  }
  return connectionParameters.application_name ?? 'assets'
}

const isDenied = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '42501'
