import { ProblemError } from '../../model/problem.ts'
import type { Mode, Row, Transaction, Value } from '../database.ts'
import { IDLE_SECONDS, LOCK_SECONDS, STATEMENT_SECONDS } from './problems.ts'
import { type Answer, Lost, type Session } from './session.ts'

/**
 * How one try at a transaction ended. `lost` before its commit was sent: the server rolls it back.
 * `in doubt`: the commit was sent and its answer is lost.
 */
export type Ended<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'lost'; readonly error: Lost }
  | { readonly is: 'in doubt'; readonly value: T; readonly id: string }

/** Runs `use` in one transaction. Throws what `use` throws, and what the server refuses. */
export async function transact<T>(
  session: Session,
  schema: string,
  mode: Mode,
  use: (tx: Transaction) => Promise<T>,
): Promise<Ended<T>> {
  const began = session.script(begin(schema, mode))
  // It is awaited beside every statement; one that never comes must not leave it unheard.
  began.catch(() => {})
  let value: T
  let id: string
  try {
    value = await use(over(session, mode, began))
    id = String((await began).rows[0]?.[0])
  } catch (error) {
    if (error instanceof Lost) return { is: 'lost', error }
    await session.ask('rollback').catch(() => {})
    throw error
  }
  const committed = session.ask('commit')
  if (mode === 'read') {
    // Nobody waits for the end of a reader: what comes next over this session stands behind it.
    committed.catch(() => {})
    return { is: 'done', value }
  }
  try {
    const { command } = await committed
    if (command !== 'COMMIT') throw new Error(`a commit ended in ${command}`)
    return { is: 'done', value }
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    return { is: 'in doubt', value, id }
  }
}

/**
 * What a transaction begins with, in one message. `begin` itself can't fail, so that what fails after
 * it leaves a transaction that takes no more statements. A writer excludes others by a lock that ends
 * with the transaction, and asks for the number by which its end can be looked up.
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
          'select txid_current()::text',
        ]
  return ['begin', ...how].join(';\n')
}

/** What became of a transaction: null when the server no longer knows. */
export async function fateOf(session: Session, id: string): Promise<string | null> {
  const { rows } = await session.ask<[string | null]>('select txid_status($1::bigint)', [id])
  return rows[0]?.[0] ?? null
}

function over(session: Session, mode: Mode, began: Promise<Answer>): Transaction {
  // What fails first is what has to be told: all that was sent behind it only hears that the
  // transaction takes no more.
  let first: unknown = null
  const heard = (error: unknown) => {
    first ??= error
  }
  began.catch(heard)
  const ask = async <R extends Row>(sql: string, values: readonly Value[] = []) => {
    const answer = session.ask<R>(numbered(sql, values), values)
    answer.catch(heard)
    try {
      await began
      return await answer
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
        // The price of asking at once, which is all that most commands do, is a transaction that can
        // do nothing more; a writer, who has more to do, asks in two steps.
        if (mode === 'read' && isMissing(error)) return 0
        throw error
      }
    },
    async setSchema(number) {
      await ask('delete from schema_number')
      await ask('insert into schema_number (number) values (?)', [number])
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof ProblemError && error.problems[0]?.code === 'state-corrupted'
}

const known = new Map<string, string>()

/** `?` as `$1`, `$2`, …; a wrong number of values is a bug. */
function numbered(sql: string, values: readonly Value[]): string {
  let text = known.get(sql)
  if (text === undefined) {
    let place = 0
    text = sql.replaceAll('?', () => `$${++place}`)
    known.set(sql, text)
  }
  const wanted = sql.split('?').length - 1
  if (wanted !== values.length) {
    throw new Error(`${values.length} values for ${wanted} places in: ${sql}`)
  }
  return text
}
