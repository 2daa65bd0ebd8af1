import { ProblemError } from '../../model/problem.ts'
import type { Mode, Row, Transaction, Value } from '../database.ts'
import { damagedRow, IDLE_SECONDS, LOCK_SECONDS, STATEMENT_SECONDS } from './problems.ts'
import { type PostgresSession, type QueryResult, SessionLost } from './session.ts'

/**
 * How an attempt at a transaction ended. `lost`: the session was lost before the commit was sent, so the
 * server rolls it back. `in doubt`: the commit was sent and its response was lost.
 */
export type TransactionEnd<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'lost'; readonly error: SessionLost }
  | { readonly is: 'in doubt'; readonly value: T; readonly id: string }

/** Milliseconds since the epoch. */
const SERVER_TIME = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

/** Runs `use` in one transaction. Throws the errors of `use` and of refused statements. */
export async function transact<T>(
  session: PostgresSession,
  schema: string,
  mode: Mode,
  use: (tx: Transaction) => Promise<T>,
): Promise<TransactionEnd<T>> {
  const began = session.script(begin(schema, mode))
  // Every statement awaits it. If there is no statement, its rejection must not be unhandled.
  began.catch(() => {})
  let value: T
  let id: string
  try {
    value = await use(transactionOver(session, mode, began))
    id = String((await began).rows[0]?.[0])
  } catch (error) {
    if (error instanceof SessionLost) return { is: 'lost', error }
    await session.query('rollback').catch(() => {})
    throw error
  }
  const committed = session.query('commit')
  if (mode === 'read') {
    // The commit of a reader is not awaited. Later statements of the session are executed after it.
    committed.catch(() => {})
    return { is: 'done', value }
  }
  try {
    const { command } = await committed
    if (command !== 'COMMIT') throw new Error(`a commit ended in ${command}`)
    return { is: 'done', value }
  } catch (error) {
    if (!(error instanceof SessionLost)) throw error
    return { is: 'in doubt', value, id }
  }
}

/**
 * The statements that begin a transaction, in one message. `begin` itself can't fail; if a later one fails,
 * the transaction accepts no more statements. A writer excludes other writers with a lock until its end,
 * and selects its transaction id, by which its status can be queried, and the server's time.
 */
function begin(schema: string, mode: Mode): string {
  const limits = [
    `set local search_path = "${schema}"`,
    `set local statement_timeout = '${STATEMENT_SECONDS}s'`,
    `set local lock_timeout = '${LOCK_SECONDS}s'`,
    `set local idle_in_transaction_session_timeout = '${IDLE_SECONDS}s'`,
  ]
  const how =
    mode === 'read'
      ? ['set transaction isolation level repeatable read, read only', ...limits]
      : [
          'set transaction isolation level read committed',
          ...limits,
          `select pg_advisory_xact_lock(hashtextextended('state of assets in ${schema}', 0))`,
          `select txid_current()::text, ${SERVER_TIME}`,
        ]
  return ['begin', ...how].join(';\n')
}

/** invalid_parameter_value (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const INVALID_PARAMETER = '22023'

/**
 * The status of a transaction: `committed`, `aborted`, `in progress`. Null when the server no longer knows it. A server
 * that crashed before it wrote anything of a transaction says that its id is in the future: it is aborted.
 */
export async function transactionStatus(
  session: PostgresSession,
  id: string,
): Promise<string | null> {
  try {
    const { rows } = await session.query<[string | null]>('select txid_status($1::bigint)', [id])
    return rows[0]?.[0] ?? null
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === INVALID_PARAMETER) return 'aborted'
    throw error
  }
}

function transactionOver(
  session: PostgresSession,
  mode: Mode,
  began: Promise<QueryResult>,
): Transaction {
  // The first error is the one to report: the later statements only fail because of it.
  let first: unknown = null
  const keepFirst = (error: unknown) => {
    first ??= error
  }
  began.catch(keepFirst)
  const ask = async <R extends Row>(sql: string, values: readonly Value[] = []) => {
    const result = session.query<R>(numbered(sql, values), values)
    result.catch(keepFirst)
    try {
      await began
      return await result
    } catch (error) {
      throw first ?? error
    }
  }
  return {
    all: async <R extends Row>(sql: string, values: readonly Value[] = []) =>
      (await ask<R>(sql, values)).rows,
    run: async (sql, values) => (await ask(sql, values)).rowCount ?? 0,
    async schema() {
      if (mode !== 'read') {
        const { rows } = await ask<[string | null]>(`select to_regclass('schema_number')::text`)
        if (rows[0]?.[0] === null) return 0
      }
      try {
        const { rows } = await ask<[number]>('select number from schema_number')
        return rows[0]?.[0] ?? 0
      } catch (error) {
        // A reader selects at once, although a missing table ends its transaction: it does nothing else. A
        // writer checks first whether the table exists.
        if (mode === 'read' && isTableMissing(error)) return 0
        throw error
      }
    },
    async setSchema(number) {
      await ask('delete from schema_number')
      await ask('insert into schema_number (number) values (?)', [number])
    },
    async serverTime() {
      if (mode !== 'read') return (await began).rows[0]?.[1] as number
      const { rows } = await ask<[number]>(`select ${SERVER_TIME}`)
      return rows[0]![0]
    },
    // The server checks its pages and indexes by itself.
    verify: async () => {},
    damaged: (place, detail) => new ProblemError(damagedRow(session.label, place, detail)),
  }
}

function isTableMissing(error: unknown): boolean {
  return error instanceof ProblemError && error.problems[0]?.code === 'state-corrupted'
}

const known = new Map<string, string>()

/** Replaces `?` by `$1`, `$2`, …. Throws for a wrong number of values, which is a bug. */
function numbered(sql: string, values: readonly Value[]): string {
  let text = known.get(sql)
  if (text === undefined) {
    let parameter = 0
    text = sql.replaceAll('?', () => `$${++parameter}`)
    known.set(sql, text)
  }
  const expected = sql.split('?').length - 1
  if (expected !== values.length) {
    throw new Error(`${values.length} values for ${expected} parameters in: ${sql}`)
  }
  return text
}
