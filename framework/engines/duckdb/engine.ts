/** The rows of a result. Our statements cast every value that they read to text. */
export type Rows = readonly (readonly unknown[])[]
export type RunStatement = (sql: string) => Promise<Rows>

export interface DuckdbConnection {
  readonly run: RunStatement
  /** How much of the running statement is done, from 0 to 1; null if that is not known. */
  progress(): number | null
  /** Makes the running statement fail. Does nothing when none is running. */
  interrupt(): void
  close(): void
}

export interface DuckdbEngine {
  connect(): Promise<DuckdbConnection>
  /** Flushes the write-ahead log and releases the lock of the file. */
  close(): Promise<void>
}

/** The version of DuckDB's library: `v1.5.6`. Loads it. */
export async function duckdbVersion(): Promise<string> {
  return (await import('@duckdb/node-api')).version()
}

/**
 * Opens a DuckDB file (or `:memory:`) in this process.
 * Never open a file that this process has open already: DuckDB allows it and then loses tables. The
 * DuckDB warehouse counts its users for that reason. Rejects with DuckDB's own error.
 */
export async function openDuckdb(path: string): Promise<DuckdbEngine> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(path)
  return {
    async connect() {
      const connection = await instance.connect()
      return connectionOf({
        run: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
        progress: () => shareOf(connection.progress.percentage),
        interrupt: () => connection.interrupt(),
        close: () => connection.closeSync(),
      })
    },
    close: async () => instance.closeSync(),
  }
}

/** DuckDB says -1 while it does not know. */
const shareOf = (percentage: number): number | null =>
  percentage < 0 ? null : Math.min(1, percentage / 100)

/** Without the second one, DuckDB would print its progress on the terminal. */
const PROGRESS = 'set enable_progress_bar = true; set enable_progress_bar_print = false'

/** A connection of an engine whose interrupt may come too early. Sets its time zone. */
export async function connectionOf(connection: DuckdbConnection): Promise<DuckdbConnection> {
  await connection.run(`set TimeZone = 'UTC'; ${PROGRESS}`)
  let running: Promise<Rows> | null = null
  return {
    run(sql) {
      const statement = connection.run(sql)
      running = statement
      const done = () => {
        if (running === statement) running = null
      }
      statement.then(done, done)
      return statement
    },
    interrupt() {
      const statement = running
      if (statement === null) return
      // DuckDB ignores an interrupt that arrives before the statement has started.
      const timer = setInterval(() => connection.interrupt(), 20)
      connection.interrupt()
      const done = () => clearInterval(timer)
      statement.then(done, done)
    },
    progress: () => connection.progress(),
    close: () => connection.close(),
  }
}
