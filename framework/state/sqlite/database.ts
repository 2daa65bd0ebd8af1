import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite'
import { ProblemError } from '../../model/problem.ts'
import type { Database, Mode, Row, Transaction, Value } from '../database.ts'
import { corrupted, damagedRow, problemOf, unavailable } from './problems.ts'
import { isLogEmpty, WriteAheadLog } from './write-ahead-log.ts'

/** How long a statement waits for the transaction of another process, in milliseconds. Ours take a few. */
const LOCK_TIMEOUT = 5_000
const RETRY_PAUSE = 20

/** Opens the file; creates it if it is missing. Throws a `ProblemError`. */
export async function openDatabase(file: string, lockTimeout = LOCK_TIMEOUT): Promise<Database> {
  const sqlite = await import('@photostructure/sqlite').catch((error: unknown) => {
    throw new ProblemError(unavailable(error))
  })
  const connection = asProblem(file, () => {
    mkdirSync(dirname(file), { recursive: true })
    const isNew = !existsSync(file)
    const opened = new sqlite.DatabaseSync(file, { timeout: lockTimeout })
    // Before the log is made, which gets the mode of the file.
    if (isNew && existsSync(file)) chmodSync(file, 0o600)
    return opened
  })
  try {
    await useWal(file, connection, lockTimeout)
    // Commits survive a killed process. A power failure may lose the last ones, but never reorders them.
    // Durable transactions flush the log themselves.
    connection.exec('pragma synchronous = normal')
  } catch (error) {
    connection.close()
    throw error
  }
  return new SqliteDatabase(file, connection)
}

/**
 * Turns on WAL mode: readers never wait for a writer, and a process can be killed at any time
 * (sqlite.org/wal). While another process turns it on for a new file, SQLite fails at once instead of
 * waiting, so this function retries.
 */
async function useWal(file: string, connection: DatabaseSyncInstance, lockTimeout: number) {
  for (let waited = 0; ; waited += RETRY_PAUSE) {
    try {
      return asProblem(file, () => connection.exec('pragma journal_mode = wal'))
    } catch (error) {
      const busy = error instanceof ProblemError && error.problems[0]?.transient === true
      if (!busy || waited >= lockTimeout) throw error
      await setTimeout(RETRY_PAUSE)
    }
  }
}

/**
 * The end of the last transaction on each file. The driver blocks the event loop while it waits for a lock,
 * so two connections of one process would wait for each other. They queue here instead.
 */
const queues = new Map<string, Promise<unknown>>()

/** One connection. The driver is synchronous. */
class SqliteDatabase implements Database {
  readonly #file: string
  readonly #connection: DatabaseSyncInstance
  readonly #statements = new Map<string, StatementSyncInstance>()
  readonly #log: WriteAheadLog

  constructor(file: string, connection: DatabaseSyncInstance) {
    this.#file = file
    this.#connection = connection
    this.#log = new WriteAheadLog(file)
  }

  async transaction<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    const before = queues.get(this.#file) ?? Promise.resolve()
    const result = before.then(() => this.#transact(mode, use))
    queues.set(
      this.#file,
      result.catch(() => {}),
    )
    const value = await result
    if (mode === 'durable')
      await this.#log.flush().catch((error) => throwAsProblem(this.#file, error))
    return value
  }

  async close(): Promise<void> {
    await queues.get(this.#file)
    await this.#log.close()
    this.#emptyLog()
    this.#statements.clear()
    if (this.#connection.isOpen) this.#connection.close()
  }

  /**
   * Moves the write-ahead log into the file, so that the file alone is a backup. Closing the connection would do so only
   * if the driver ended its statements. It is not worth an error or a wait: while another process reads or writes, a
   * part of the log remains, and the next command moves it.
   */
  #emptyLog(): void {
    if (isLogEmpty(this.#file)) return
    try {
      this.#connection.exec('pragma busy_timeout = 0; pragma wal_checkpoint(truncate)')
    } catch {}
  }

  async #transact<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#exec(mode === 'read' ? 'begin' : 'begin immediate')
    try {
      const value = await use(this.#transaction)
      this.#exec('commit')
      return value
    } catch (error) {
      // SQLite rolls back by itself when the disk is full.
      if (this.#connection.isTransaction) this.#exec('rollback')
      throw error
    }
  }

  readonly #transaction: Transaction = {
    all: async <R extends Row>(sql: string, values: readonly Value[] = []) =>
      this.#bound(sql, values, (statement) => statement.all(...values) as R[]),
    run: async (sql, values = []) =>
      this.#bound(sql, values, (statement) => statement.run(...values).changes),
    schema: async () =>
      asProblem(this.#file, () => {
        const { user_version } = this.#connection.prepare('pragma user_version').get()
        return user_version as number
      }),
    setSchema: async (number) => this.#exec(`pragma user_version = ${number}`),
    serverTime: async () => null,
    verify: async (tables) => {
      // A row whose index entry or cell count is damaged is not found, and no error says so.
      const pragmas =
        tables === 'whole'
          ? ['pragma integrity_check']
          : tables.map((table) => `pragma integrity_check('${table}')`)
      for (const pragma of pragmas) {
        const rows = this.#bound(pragma, [], (statement) => statement.all()) as unknown as [
          string,
        ][]
        const findings = rows.map(([finding]) => finding).join('\n')
        if (findings !== 'ok') throw new ProblemError(corrupted(this.#file, findings))
      }
    },
    damaged: (place, detail) => new ProblemError(damagedRow(this.#file, place, detail)),
  }

  #exec(sql: string): void {
    asProblem(this.#file, () => this.#connection.exec(sql))
  }

  /** Counts the values, because the driver silently binds a missing one as NULL. */
  #bound<T>(
    sql: string,
    values: readonly Value[],
    use: (statement: StatementSyncInstance) => T,
  ): T {
    const expected = sql.split('?').length - 1
    if (expected !== values.length) {
      throw new Error(`${values.length} values for ${expected} parameters in: ${sql}`)
    }
    return asProblem(this.#file, () => use(this.#statement(sql)))
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

function asProblem<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    return throwAsProblem(file, error)
  }
}

/** Throws an error of SQLite or the file system as a `ProblemError`, and a bug of ours as it is. */
function throwAsProblem(file: string, error: unknown): never {
  const problem = problemOf(error, file)
  throw problem === null ? error : new ProblemError(problem)
}
