import type { Client, QueryArrayResult } from 'pg'
import { connected, openFirst } from '../../lib/postgres-login.ts'
import { connectAttempts } from '../../lib/postgres-url.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Row, Value } from '../database.ts'
import {
  connectProblem,
  isSessionLost,
  type PostgresStateLabel,
  statementProblem,
} from './problems.ts'

/** Milliseconds for TCP, TLS and login together. */
const CONNECT_TIMEOUT = 10_000
/** Milliseconds after which a missing response means that the session is lost. Longer than all timeouts of the server. */
const RESPONSE_TIMEOUT = 45_000

/** The session was lost. It is unknown whether a running statement took effect. */
export class SessionLost extends Error {
  constructor(cause: unknown) {
    super('the session was lost', { cause })
  }
}

/** The result of a statement: its rows, or the number of changed rows. `command` is the server's name for it. */
export type QueryResult = Pick<QueryArrayResult, 'rows' | 'rowCount' | 'command'>

/**
 * One session with the server, possibly through a pooler that runs each transaction on another connection
 * (pgbouncer's transaction pooling). So no setting outlives a transaction, statements have no names, and
 * the start-up message has no options. Statements are pipelined.
 */
export class PostgresSession {
  readonly #client: Client
  readonly label: PostgresStateLabel

  private constructor(client: Client, label: PostgresStateLabel) {
    this.#client = client
    this.label = label
  }

  /** Throws a `ProblemError`: `state-unreachable`, `state-refused`, `state-database-missing`, `state-tls`. */
  static async open(url: string, label: PostgresStateLabel): Promise<PostgresSession> {
    const { default: pg } = await import('pg')
    const { builtins, getTypeParser } = pg.types
    const open = async (connectionString: string): Promise<Client> => {
      const client = new pg.Client({
        connectionString,
        application_name: 'assets',
        connectionTimeoutMillis: CONNECT_TIMEOUT,
        query_timeout: RESPONSE_TIMEOUT,
        keepAlive: true,
        keepAliveInitialDelayMillis: CONNECT_TIMEOUT,
        pipeline: true,
        types: {
          // All our numbers are far below 2^53. PostgreSQL's sum of bigints is a numeric.
          getTypeParser: (type, format) =>
            type === builtins.INT8 || type === builtins.NUMERIC
              ? Number
              : getTypeParser(type, format),
        },
      })
      // The current or next query reports a lost session. Without a listener the event ends the process.
      client.on('error', () => {})
      return connected(client)
    }
    try {
      const client = await openFirst(connectAttempts(url, null), (attempt) => open(attempt.url))
      return new PostgresSession(client, label)
    } catch (error) {
      throw new ProblemError(connectProblem(error, label))
    }
  }

  /** The process id of the server's backend, as reported at the start. */
  get backend(): number {
    // pg stores it for cancellation, but does not declare it.
    return (this.#client as unknown as { readonly processID: number }).processID
  }

  /** Runs a statement. Throws `SessionLost`, a `ProblemError`, or the driver's error for a bug of ours. */
  async query<R extends Row>(text: string, values: readonly Value[] = []) {
    const query = { text, values: values.map(storable), rowMode: 'array' as const }
    return this.#withProblems(this.#client.query<R & unknown[]>(query))
  }

  /** Runs several statements without values in one message. Returns the result of the last. */
  async script(text: string): Promise<QueryResult> {
    const results: unknown = await this.#withProblems(
      this.#client.query<unknown[]>({ text, rowMode: 'array' }),
    )
    return (Array.isArray(results) ? results.at(-1) : results) as QueryResult
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => {})
  }

  async #withProblems<T>(result: Promise<T>): Promise<T> {
    try {
      return await result
    } catch (error) {
      if (isSessionLost(error)) throw new SessionLost(error)
      const problem = statementProblem(error, this.label)
      throw problem === null ? error : new ProblemError(problem)
    }
  }
}

/** Replaces NUL, which PostgreSQL's text can't hold. It can come from messages of other programs. */
function storable(value: Value): Value {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value
}
