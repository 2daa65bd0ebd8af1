/** What a statement gave, row by row. Our statements cast what they read to text. */
export type Rows = readonly (readonly unknown[])[]
export type Run = (sql: string) => Promise<Rows>

export interface Connection {
  readonly run: Run
  /** Makes the statement that runs now fail; without one nothing happens. */
  interrupt(): void
  close(): void
}

export interface Engine {
  connect(): Promise<Connection>
  /** Writes what is left in the write-ahead log and lets go of the file's lock. */
  close(): void
}

/**
 * Opens a DuckDB file in this process and loads DuckDB's library, which is done nowhere else.
 * Never call it for a file that is open here already: DuckDB accepts that and loses tables
 * (`database-file.ts` counts). Rejects with DuckDB's own error.
 */
export async function openEngine(path: string): Promise<Engine> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(path)
  return {
    async connect() {
      const connection = await instance.connect()
      await connection.run("set TimeZone = 'UTC'")
      let running: Promise<Rows> | null = null
      return {
        run(sql) {
          const statement = connection.runAndReadAll(sql).then((result) => result.getRows())
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
          // DuckDB forgets an interrupt that comes before the statement has really started.
          const timer = setInterval(() => connection.interrupt(), 20)
          connection.interrupt()
          const done = () => clearInterval(timer)
          statement.then(done, done)
        },
        close: () => connection.closeSync(),
      }
    },
    close: () => instance.closeSync(),
  }
}
