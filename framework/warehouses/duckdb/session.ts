import type { DuckdbConnection, DuckdbEngine, RunStatement } from '../../engines/duckdb/engine.ts'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import { databaseOf } from '../../model/relation-name.ts'
import type { Session } from '../../ports/warehouse.ts'
import { sessionStatements } from './as-dbt.ts'
import { compareViews } from './compare-views.ts'
import type { DatabaseFile, DuckdbOpenOptions } from './database-file.ts'
import { exportRows } from './export.ts'
import { loadTable } from './load.ts'
import { dropRelation, viewsOver } from './old-relations.ts'
import { problemOf } from './problems.ts'
import { createReader } from './reader.ts'
import { countSyncRows } from './sync-rows.ts'
import { watched } from './watched.ts'

/**
 * Opens a session on a DuckDB file. `file` is its path for messages. A missing file is created at the
 * first write, so a session that only reads leaves no file behind. Problems: `warehouse-locked`,
 * `warehouse-not-duckdb`, `warehouse-newer-format`, `warehouse-unwritable`, `warehouse-failed`.
 */
export async function openSession(
  database: DatabaseFile,
  options: DuckdbOpenOptions,
  file: string,
): Promise<Result<Session>> {
  const connections = new SessionConnections(database, options)
  const run: RunStatement = async (sql) => (await connections.main()).run(sql)
  const reader = createReader(async (sql) => (await connections.reading()).run(sql), file)
  const session: Session = {
    inspect: (relations) =>
      connections.during(async () => {
        // Only attached databases have something before the first build.
        const some = connections.hasNoFile ? relations.filter(databaseOf) : relations
        return some.length === 0 ? new Map() : reader.inspect(some)
      }),
    fingerprint: (relation, settings) =>
      connections.during(() => reader.fingerprint(relation, settings)),
    digests: (relation, settings) => connections.during(() => reader.digests(relation, settings)),
    countSyncRows: (relation, syncId) =>
      connections.during(() => countSyncRows(run, file, relation, syncId)),
    export: (request) =>
      connections.during(async () => {
        const connection = await connections.main().catch((error: unknown) => error)
        if (!isConnection(connection)) return fail(openProblem(connection, file))
        const onShare = request.onShare ?? (() => undefined)
        const write = () => exportRows(connections.stoppable(run), file, request)
        return watched(connection.progress, onShare, write)
      }),
    compareViews: (wanted) =>
      connections.during(async () => {
        if (connections.hasNoFile) return new Map()
        const connection = await connections.extra()
        try {
          return await compareViews(connections.stoppable(connection.run), file, wanted)
        } finally {
          connections.drop(connection)
        }
      }),
    viewsOver: (relations) =>
      connections.during(async () =>
        connections.hasNoFile ? new Map() : viewsOver(run, file, relations),
      ),
    drop: (relation, kind) =>
      connections.during(() => dropRelation(connections.stoppable(run), file, relation, kind)),
    loader: {
      load: (load) =>
        connections.during(async () => {
          const connection = await connections.extra().catch((error: unknown) => error)
          if (!isConnection(connection)) return fail(openProblem(connection, file))
          try {
            const run = connections.stoppable(connection.run)
            const { run: cleanUp, progress } = connection
            return await loadTable({ run, cleanUp, progress, database, file }, load)
          } finally {
            connections.drop(connection)
          }
        }),
    },
    close: () => connections.close(),
  }
  if (!database.exists) return ok(session)
  try {
    await connections.main()
    return ok(session)
  } catch (error) {
    await connections.close()
    return fail(openProblem(error, file))
  }
}

/** The problem for an error while opening the warehouse. */
export function openProblem(error: unknown, file: string): Problem {
  const message = `the warehouse ${file} could not be opened`
  return problemOf(error, file, { code: 'warehouse-failed', message })
}

/** The open file and the connections of one session. An abort interrupts the connections. */
class SessionConnections {
  readonly #database: DatabaseFile
  readonly #options: DuckdbOpenOptions
  readonly #open = new Set<DuckdbConnection>()
  readonly #running = new Set<Promise<unknown>>()
  #engine: Promise<DuckdbEngine> | null = null
  #main: Promise<DuckdbConnection> | null = null
  /** Has the attached databases while there is no file. */
  #inMemory: Promise<DuckdbEngine> | null = null
  #beside: Promise<DuckdbConnection> | null = null
  #closed = false

  constructor(database: DatabaseFile, options: DuckdbOpenOptions) {
    this.#database = database
    this.#options = options
    options.signal.addEventListener('abort', this.#interrupt)
  }

  /** True when nothing was opened and the file does not exist. */
  get hasNoFile(): boolean {
    return this.#engine === null && !this.#database.exists
  }

  main(): Promise<DuckdbConnection> {
    this.#main ??= this.extra()
    return this.#main
  }

  /** A connection that creates no file: without one, it has the attached databases only. */
  reading(): Promise<DuckdbConnection> {
    if (!this.hasNoFile) return this.main()
    this.#inMemory ??= this.#database.openInMemory(this.#options)
    this.#beside ??= this.#inMemory.then((engine) => this.#connect(engine))
    return this.#beside
  }

  /** A separate connection, for a transaction without statements of others. */
  async extra(): Promise<DuckdbConnection> {
    this.#engine ??= this.#database.acquire(this.#options)
    return this.#connect(await this.#engine)
  }

  async #connect(engine: DuckdbEngine): Promise<DuckdbConnection> {
    const connection = await engine.connect()
    this.#open.add(connection)
    for (const statement of sessionStatements(this.#options)) await connection.run(statement)
    return connection
  }

  drop(connection: DuckdbConnection): void {
    this.#open.delete(connection)
    connection.close()
  }

  /** Like `run`, but rejects statements after the run was cancelled or the session closed. */
  stoppable(run: RunStatement): RunStatement {
    return (sql) => {
      if (!this.#closed && !this.#options.signal.aborted) return run(sql)
      return Promise.reject(
        new ProblemError({ code: 'cancelled', message: 'the work on the warehouse was cancelled' }),
      )
    }
  }

  /** Runs `work`. `close` waits until it has ended. */
  during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error('the session is closed')
    const promise = work()
    this.#running.add(promise)
    const done = () => void this.#running.delete(promise)
    promise.then(done, done)
    return promise
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#interrupt()
    await Promise.allSettled(this.#running)
    this.#options.signal.removeEventListener('abort', this.#interrupt)
    for (const connection of this.#open) connection.close()
    const engine = await this.#engine?.catch(() => null)
    if (engine) await this.#database.release()
    const inMemory = await this.#inMemory?.catch(() => null)
    await inMemory?.close()
  }

  readonly #interrupt = (): void => {
    for (const connection of this.#open) connection.interrupt()
  }
}

function isConnection(value: unknown): value is DuckdbConnection {
  return typeof value === 'object' && value !== null && 'run' in value
}
