import type { Client, QueryArrayResult } from 'pg'
import { withLibpqModes } from '../../lib/postgres-url.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Row, Value } from '../database.ts'
import { connectProblem, isLoss, type Store, statementProblem } from './problems.ts'

/** Milliseconds for TCP, TLS and login together. */
const CONNECT_TIMEOUT = 10_000
/** Milliseconds after which an answer that the server owes counts as lost: above all limits of its own. */
const ANSWER_TIMEOUT = 45_000

/** The session is gone; whether a statement that was on its way took effect can't be said from here. */
export class Lost extends Error {
  constructor(cause: unknown) {
    super('the session was lost', { cause })
  }
}

/** What a statement gave: its rows, or how many rows it changed; `command` is the server's word for it. */
export type Answer = Pick<QueryArrayResult, 'rows' | 'rowCount' | 'command'>

/**
 * One session with the server, perhaps through a pooler that gives each transaction another server
 * (pgbouncer's transaction pooling): nothing is set for longer than a transaction, no statement has
 * a name, and start-up carries no options. Statements that are asked for together travel together.
 */
export class Session {
  readonly #client: Client
  readonly #store: Store

  private constructor(client: Client, store: Store) {
    this.#client = client
    this.#store = store
  }

  /** Throws a `ProblemError`: unreachable, refused, database missing, TLS. */
  static async open(url: string, store: Store): Promise<Session> {
    const { default: pg } = await import('pg')
    const { builtins, getTypeParser } = pg.types
    let client: Client | null = null
    try {
      client = new pg.Client({
        connectionString: withLibpqModes(url),
        application_name: 'assets',
        connectionTimeoutMillis: CONNECT_TIMEOUT,
        query_timeout: ANSWER_TIMEOUT,
        keepAlive: true,
        keepAliveInitialDelayMillis: CONNECT_TIMEOUT,
        pipeline: true,
        types: {
          // Counts and times of day zero are far below 2^53; sums of bigints are numerics.
          getTypeParser: (type, format) =>
            type === builtins.INT8 || type === builtins.NUMERIC
              ? Number
              : getTypeParser(type, format),
        },
      })
      // A loss shows up in the query that runs or comes next; without a listener it ends the process.
      client.on('error', () => {})
      await client.connect()
      return new Session(client, store)
    } catch (error) {
      await client?.end().catch(() => {})
      throw new ProblemError(connectProblem(error, store))
    }
  }

  /** The number of the process that serves us, as it was told at the start. */
  get backend(): number {
    // pg keeps it for cancelling, and has no type for it.
    return (this.#client as unknown as { readonly processID: number }).processID
  }

  /** Throws `Lost`, a `ProblemError` for what the server refuses, or our own bug as it is. */
  async ask<R extends Row>(text: string, values: readonly Value[] = []) {
    const query = { text, values: values.map(storable), rowMode: 'array' as const }
    return this.#told(this.#client.query<R & unknown[]>(query))
  }

  /** Several statements without values in one message; the answer of the last. */
  async script(text: string): Promise<Answer> {
    const answers: unknown = await this.#told(
      this.#client.query<unknown[]>({ text, rowMode: 'array' }),
    )
    return (Array.isArray(answers) ? answers.at(-1) : answers) as Answer
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => {})
  }

  async #told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      if (isLoss(error)) throw new Lost(error)
      const problem = statementProblem(error, this.#store)
      throw problem === null ? error : new ProblemError(problem)
    }
  }
}

/** PostgreSQL's text holds any character but NUL, which only words of other programs may bring. */
function storable(value: Value): Value {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value
}
