import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite'
import { ProblemError } from '../../model/problem.ts'
import type { Database, Mode, Row, Transaction, Value } from '../database.ts'
import { Log } from './log.ts'
import { problemOf, unavailable } from './problems.ts'

/** How long a statement waits for another process's transaction, in milliseconds. Ours take a few. */
const PATIENCE = 5_000
const RETRY = 20

/** Opens the file, which is made when it is absent. Throws `ProblemError`. */
export async function openDatabase(file: string, patience = PATIENCE): Promise<Database> {
  const sqlite = await import('@photostructure/sqlite').catch((error: unknown) => {
    throw new ProblemError(unavailable(error))
  })
  const connection = naming(file, () => {
    mkdirSync(dirname(file), { recursive: true })
    return new sqlite.DatabaseSync(file, { timeout: patience })
  })
  try {
    await useWal(file, connection, patience)
    // Survives every death of a process. A loss of power may take the last commits with it, never
    // their order; what must not be lost waits for the log.
    connection.exec('pragma synchronous = normal')
  } catch (error) {
    connection.close()
    throw error
  }
  return new SqliteDatabase(file, connection)
}

/**
 * In WAL a reader never waits for a writer, and a process may be killed at any moment
 * (sqlite.org/wal). A new file is turned to it once; while another process is at that, SQLite refuses
 * at once instead of waiting, so the waiting is done here.
 */
async function useWal(file: string, connection: DatabaseSyncInstance, patience: number) {
  for (let waited = 0; ; waited += RETRY) {
    try {
      return naming(file, () => connection.exec('pragma journal_mode = wal'))
    } catch (error) {
      const busy = error instanceof ProblemError && error.problems[0]?.transient === true
      if (!busy || waited >= patience) throw error
      await setTimeout(RETRY)
    }
  }
}

/**
 * The end of the last transaction on each file. The driver waits for a lock without giving way, so
 * two connections of one process would wait for each other; they queue here instead.
 */
const queues = new Map<string, Promise<unknown>>()

/** One connection; the driver works while the caller waits, so a transaction needs no thread. */
class SqliteDatabase implements Database {
  readonly #file: string
  readonly #connection: DatabaseSyncInstance
  readonly #statements = new Map<string, StatementSyncInstance>()
  readonly #log: Log

  constructor(file: string, connection: DatabaseSyncInstance) {
    this.#file = file
    this.#connection = connection
    this.#log = new Log(file)
  }

  async transaction<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    const before = queues.get(this.#file) ?? Promise.resolve()
    const result = before.then(() => this.#transact(mode, use))
    queues.set(
      this.#file,
      result.catch(() => {}),
    )
    const value = await result
    if (mode === 'durable') await this.#log.flush().catch((error) => tell(this.#file, error))
    return value
  }

  async close(): Promise<void> {
    await queues.get(this.#file)
    await this.#log.close()
    this.#statements.clear()
    if (this.#connection.isOpen) this.#connection.close()
  }

  async #transact<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#exec(mode === 'read' ? 'begin' : 'begin immediate')
    try {
      const value = await use(this.#inside)
      this.#exec('commit')
      return value
    } catch (error) {
      // A full disk has rolled back already.
      if (this.#connection.isTransaction) this.#exec('rollback')
      throw error
    }
  }

  readonly #inside: Transaction = {
    all: async <R extends Row>(sql: string, values: readonly Value[] = []) =>
      this.#bound(sql, values, (statement) => statement.all(...values) as R[]),
    run: async (sql, values = []) =>
      this.#bound(sql, values, (statement) => statement.run(...values).changes),
    schema: async () =>
      naming(this.#file, () => {
        const { user_version } = this.#connection.prepare('pragma user_version').get()
        return user_version as number
      }),
    setSchema: async (number) => this.#exec(`pragma user_version = ${number}`),
  }

  #exec(sql: string): void {
    naming(this.#file, () => this.#connection.exec(sql))
  }

  /** The driver binds a missing value as null without a word, so they are counted here. */
  #bound<T>(
    sql: string,
    values: readonly Value[],
    use: (statement: StatementSyncInstance) => T,
  ): T {
    const wanted = sql.split('?').length - 1
    if (wanted !== values.length) {
      throw new Error(`${values.length} values for ${wanted} places in: ${sql}`)
    }
    return naming(this.#file, () => use(this.#statement(sql)))
  }

  #statement(sql: string): StatementSyncInstance {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql)
    statement.setReturnArrays(true)
    this.#statements.set(sql, statement)
    return statement
  }
}

function naming<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    return tell(file, error)
  }
}

/** Throws what SQLite or the file system say of a file as a problem; a bug of ours stays an error. */
function tell(file: string, error: unknown): never {
  const problem = problemOf(error, file)
  throw problem === null ? error : new ProblemError(problem)
}
