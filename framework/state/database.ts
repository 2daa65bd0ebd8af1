import { fail, ok, ProblemError, type Result } from '../model/problem.ts'

export type Value = string | number | null | Uint8Array
export type Row = readonly Value[]

/**
 * A transaction. The SQL of the state must run unchanged on the database of every adapter: the types `text`,
 * `bigint`, `double precision` and `bytea`, `?` for values, `on conflict … do update`, and no functions
 * of a single vendor. Everything that differs between databases is behind this interface.
 */
export interface Transaction {
  /** Rows as arrays, in the order of the selected columns; `R` is what the statement selects. */
  all<R extends Row>(sql: string, values?: readonly Value[]): Promise<readonly R[]>
  /** Returns the number of changed rows. */
  run(sql: string, values?: readonly Value[]): Promise<number>
  /** The number of the last applied migration; 0 in a new database. */
  schema(): Promise<number>
  setSchema(number: number): Promise<void>
  /** The server's time in milliseconds since the epoch; null if the database has no clock of its own. */
  serverTime(): Promise<number | null>
  /**
   * Throws `state-corrupted` if the tables or their indexes are damaged; `whole`: if anything of the database is. Does
   * nothing if the database finds such damage by itself.
   */
  verify(tables: readonly string[] | 'whole'): Promise<void>
  /** What to throw for damage that was found in a row: `state-corrupted`. `place`: `film in table records`. */
  damaged(place: string, detail: string): ProblemError
}

/**
 * - `read` sees a consistent snapshot.
 * - `write` excludes other writers from its start, so what it reads does not change before its commit.
 * - `durable` is a write that is on the disk when it resolves, with all writes before it.
 */
export type Mode = 'read' | 'write' | 'durable'

export interface Database {
  /**
   * Runs `use` in a transaction, which is rolled back if `use` throws. Transactions of one process run one
   * after another. Throws a `ProblemError` for external causes: full disk, lock, damage, lost connection.
   */
  transaction<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Converts a thrown `ProblemError` to a result. Any other error is a bug and is thrown. */
export async function attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work())
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    throw error
  }
}
