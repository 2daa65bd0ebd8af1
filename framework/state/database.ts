import { fail, ok, ProblemError, type Result } from '../model/problem.ts'

export type Value = string | number | null | Uint8Array
export type Row = readonly Value[]

/**
 * The SQL that the state is written in runs on every adapter's database as it stands: the types
 * `text`, `bigint`, `double precision` and `bytea`, `?` for values, `on conflict … do update`, no functions
 * of one vendor. What differs between databases is behind this interface.
 */
export interface Transaction {
  /** Rows as arrays, in the order of the selected columns; `R` is what the statement selects. */
  all<R extends Row>(sql: string, values?: readonly Value[]): Promise<readonly R[]>
  /** Answers how many rows changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>
  /** Number of the last migration that was applied; 0 in a new database. */
  schema(): Promise<number>
  setSchema(number: number): Promise<void>
}

/**
 * - `read` sees one moment of the database.
 * - `write` excludes other writers from its start on, so what it reads stays true until it commits.
 * - `durable` is a write that is on the disk, with all writes before it, when it resolves.
 */
export type Mode = 'read' | 'write' | 'durable'

export interface Database {
  /**
   * All of `use` or nothing of it; rolled back when it throws. Transactions of one process follow
   * one another. Throws `ProblemError` for what the outside does to a database: full disk, lock,
   * damage, lost connection.
   */
  transaction<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Turns the problems that a database threw into a result; any other error is a bug and passes. */
export async function attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work())
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    throw error
  }
}
