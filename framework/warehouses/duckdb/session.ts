import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { Session } from '../../ports/warehouse.ts'
import type { DatabaseFile, OpenOptions } from './database-file.ts'
import type { Connection, Engine, Run } from './engine.ts'
import { exportRows } from './export.ts'
import { loadTable } from './load.ts'
import { problemOf } from './problems.ts'
import { createReader } from './reader.ts'
import { readStamps } from './stamps.ts'

/**
 * A session on a DuckDB file; `file` is its path as people know it. A file that doesn't exist is
 * made when something is to be written, so that looking at nothing leaves nothing behind.
 * Problems: locked by another process, no DuckDB file, unwritable.
 */
export async function openSession(
  database: DatabaseFile,
  options: OpenOptions,
  file: string,
): Promise<Result<Session>> {
  const connections = new Connections(database, options)
  const run: Run = async (sql) => (await connections.main()).run(sql)
  const reader = createReader(run, file)
  const session: Session = {
    inspect: (relations) =>
      connections.during(async () => (connections.idle ? new Map() : reader.inspect(relations))),
    fingerprint: (relation, settings) =>
      connections.during(() => reader.fingerprint(relation, settings)),
    digests: (relation, settings) => connections.during(() => reader.digests(relation, settings)),
    stamps: (relation, syncId) => connections.during(() => readStamps(run, file, relation, syncId)),
    export: (request) =>
      connections.during(() => exportRows(connections.stoppable(run), file, request)),
    loader: {
      load: (load) =>
        connections.during(async () => {
          const connection = await connections.extra().catch((error: unknown) => error)
          if (!isConnection(connection)) return fail(openProblem(connection, file))
          try {
            const run = connections.stoppable(connection.run)
            return await loadTable({ run, cleanUp: connection.run, database, file }, load)
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

/** Why the warehouse could not be opened. */
export function openProblem(error: unknown, file: string): Problem {
  const message = `the warehouse ${file} could not be opened`
  return problemOf(error, file, { code: 'warehouse-failed', message })
}

/** What one session holds: a share in the open file, and connections that an abort interrupts. */
class Connections {
  readonly #database: DatabaseFile
  readonly #options: OpenOptions
  readonly #open = new Set<Connection>()
  readonly #running = new Set<Promise<unknown>>()
  #engine: Promise<Engine> | null = null
  #main: Promise<Connection> | null = null
  #closed = false

  constructor(database: DatabaseFile, options: OpenOptions) {
    this.#database = database
    this.#options = options
    options.signal.addEventListener('abort', this.#interrupt)
  }

  /** Nothing was opened, and there is no file that could be. */
  get idle(): boolean {
    return this.#engine === null && !this.#database.exists
  }

  main(): Promise<Connection> {
    this.#main ??= this.extra()
    return this.#main
  }

  /** A connection of its own, for a transaction that no other statement may get into. */
  async extra(): Promise<Connection> {
    this.#engine ??= this.#database.acquire(this.#options)
    const connection = await (await this.#engine).connect()
    this.#open.add(connection)
    return connection
  }

  drop(connection: Connection): void {
    this.#open.delete(connection)
    connection.close()
  }

  /** Refuses what would start after the run was cancelled or the session closed. */
  stoppable(run: Run): Run {
    return (sql) => {
      if (!this.#closed && !this.#options.signal.aborted) return run(sql)
      return Promise.reject(new ProblemError({ code: 'cancelled', message: 'it was cancelled' }))
    }
  }

  /** Runs `work`; `close` waits for its end. */
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
    if (engine) this.#database.release()
  }

  readonly #interrupt = (): void => {
    for (const connection of this.#open) connection.interrupt()
  }
}

function isConnection(value: unknown): value is Connection {
  return typeof value === 'object' && value !== null && 'run' in value
}
