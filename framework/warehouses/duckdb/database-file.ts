import { existsSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Engine, openEngine, type Run } from './engine.ts'
import { fileToken } from './gate.ts'
import { literal, qualified } from './names.ts'
import { type Limits, type Loading, settingsFor } from './tuning.ts'

export interface OpenOptions {
  readonly limits: Limits
  /** Folder for what doesn't fit into memory. */
  readonly scratch: string
  readonly signal: AbortSignal
  /** Told once when another process holds the file. */
  readonly waiting: (error: Error) => void
}

/** Tables being loaded bear this prefix until they take their name; a killed run leaves them. */
export const ASIDE_PREFIX = '_assets_aside_'

/** How long a lock of another process is waited for, in milliseconds. */
const PATIENCE = 5_000

const files = new Map<string, DatabaseFile>()

/** The one owner in this process of the DuckDB file at an absolute path. */
export function databaseFile(path: string): DatabaseFile {
  const real = realPath(path)
  const known = files.get(real)
  if (known !== undefined) return known
  const file = new DatabaseFile(real)
  files.set(real, file)
  return file
}

/**
 * One DuckDB file in this process. Sessions share one instance by counting, and none is open while
 * the file is lent, because DuckDB lets a second instance in and then loses committed tables.
 *
 * It also guards the chain of tokens: once somebody else changed the file between two of our uses,
 * a token taken later would vouch for a change that nobody looked at, so there is none any more.
 */
class DatabaseFile {
  readonly path: string
  #users = 0
  #lent = false
  #opening: Promise<Engine> | null = null
  #engine: Engine | null = null
  /** The token when this process last looked or let go; undefined before that. */
  #last: string | undefined
  #continuous = true
  #changes: Promise<unknown> = Promise.resolve()
  readonly #loads = new Set<Loading>()
  #limits: Limits = { threads: null, memoryLimit: null }

  constructor(path: string) {
    this.path = path
  }

  get inUse(): boolean {
    return this.#users > 0 || this.#lent
  }

  get exists(): boolean {
    return existsSync(this.path)
  }

  /** The file's token, or null while it is in use and after somebody else changed it in between. */
  gate(): string | null {
    if (this.inUse) return null
    const token = this.#look()
    return this.#continuous ? token : null
  }

  /** Opens the file, or joins those who have it open. Rejects with the error of DuckDB or the disk. */
  async acquire(options: OpenOptions): Promise<Engine> {
    if (this.#lent) throw new Error(`${this.path} is lent: no session may be opened`)
    this.#users += 1
    this.#opening ??= this.#open(options)
    const opening = this.#opening
    try {
      this.#engine = await opening
      return this.#engine
    } catch (error) {
      this.#users -= 1
      if (this.#opening === opening) this.#opening = null
      throw error
    }
  }

  /** Ends one use; the last one closes the file, which frees the lock. */
  release(): void {
    this.#users -= 1
    if (this.#users > 0) return
    this.#engine?.close()
    this.#engine = null
    this.#opening = null
    this.#settle()
  }

  /** Waits for foreign locks, and tells a damaged file before a borrower stumbles over it. */
  async waitUntilFree(options: OpenOptions): Promise<void> {
    await this.acquire(options)
    this.release()
  }

  /** Runs `use` while another process of ours may have the file; how it leaves it is ours too. */
  async lend<T>(use: () => Promise<T>): Promise<T> {
    if (this.inUse) throw new Error(`${this.path} can't be lent: a session is open`)
    this.#lent = true
    try {
      return await use()
    } finally {
      this.#lent = false
      this.#settle()
    }
  }

  /** Runs one change of the catalogue at a time: DuckDB fails the second of two that overlap. */
  alone<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changes.then(change)
    this.#changes = turn.catch(() => undefined)
    return turn
  }

  /** Tunes DuckDB's global settings for a load; `end` puts them back when no load is left. */
  async beginLoading(run: Run, loading: Loading): Promise<void> {
    this.#loads.add(loading)
    await this.retune(run)
  }

  async endLoading(run: Run, loading: Loading): Promise<void> {
    this.#loads.delete(loading)
    await this.retune(run)
  }

  async retune(run: Run): Promise<void> {
    for (const statement of settingsFor(this.#limits, this.#loads)) {
      await run(statement).catch((error: Error) => {
        // Another session needs more right now than the new limit: a goal missed, not a failure.
        if (!error.message.includes('Failed to change memory limit')) throw error
      })
    }
  }

  async #open(options: OpenOptions): Promise<Engine> {
    this.#look()
    this.#limits = options.limits
    if (!this.exists) await createFile(this.path)
    const engine = await openWhenFree(this.path, options)
    const connection = await engine.connect()
    try {
      await this.#prepare(connection.run, options)
      connection.close()
      return engine
    } catch (error) {
      connection.close()
      engine.close()
      throw error
    }
  }

  /** Nobody else has the file now, so what a run leaves only when it is killed may be cleared away. */
  async #prepare(run: Run, { scratch }: OpenOptions): Promise<void> {
    rmSync(scratch, { recursive: true, force: true })
    // DuckDB makes the folder itself when it first needs it, but not those above.
    mkdirSync(dirname(scratch), { recursive: true })
    await run(`set temp_directory = ${literal(scratch)}`)
    await this.retune(run)
    await dropLeftovers(run)
  }

  #look(): string | null {
    const token = fileToken(this.path)
    if (this.#last !== undefined && token !== this.#last) this.#continuous = false
    this.#last = token ?? this.#last
    return token
  }

  #settle(): void {
    const token = fileToken(this.path)
    if (token === null) this.#continuous = false
    else this.#last = token
  }
}

export type { DatabaseFile }

/** Makes an empty DuckDB file aside and links it in, so that a kill leaves none that is half made. */
async function createFile(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const aside = `${path}.new-${process.pid}`
  rmSync(aside, { force: true })
  try {
    ;(await openEngine(aside)).close()
    try {
      linkSync(aside, path)
    } catch (error) {
      if (existsSync(path)) return
      if (!(error instanceof Error)) throw error
      // Some file systems have no hard links.
      renameSync(aside, path)
    }
  } finally {
    rmSync(aside, { force: true })
  }
}

async function openWhenFree(path: string, options: OpenOptions): Promise<Engine> {
  let delay = 50
  for (let waited = 0; ; waited += delay) {
    try {
      return await openEngine(path)
    } catch (error) {
      const locked = error instanceof Error && error.message.includes('Could not set lock on file')
      if (!locked || waited >= PATIENCE || options.signal.aborted) throw error
      if (waited === 0) options.waiting(error)
      // An abort ends the pause early; the next turn then gives up.
      await wait(delay, undefined, { signal: options.signal }).catch(() => undefined)
      delay = Math.min(delay * 2, 500)
    }
  }
}

async function dropLeftovers(run: Run): Promise<void> {
  const rows = await run(
    `select database_name, schema_name, table_name from duckdb_tables()
     where database_name = current_database() and starts_with(table_name, ${literal(ASIDE_PREFIX)})`,
  )
  for (const [catalog, schema, name] of rows) {
    const relation = { schema: String(schema), name: String(name) }
    await run(`drop table ${qualified(String(catalog), relation)}`)
  }
}

/** With links resolved as far as the path exists, so that two spellings are one file. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(realPath(parent), basename(path))
}
