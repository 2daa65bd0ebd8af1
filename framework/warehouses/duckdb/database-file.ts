import { existsSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DuckdbEngine, RunStatement } from '../../engines/duckdb/engine.ts'
import { type DuckdbLibrary, duckdbLibrary } from '../../engines/duckdb/library.ts'
import { literal, qualified } from '../../engines/duckdb/names.ts'
import { newName, removeAbandonedFiles } from '../../lib/replace-file.ts'
import { ProblemError } from '../../model/problem.ts'
import type { PythonLibrary } from '../../ports/site.ts'
import { type AsDbt, prepareAsDbt } from './as-dbt.ts'
import { type AttachedFile, attachedFile } from './attached-file.ts'
import { isDuckdbFile } from './attachment.ts'
import { fileChangeToken } from './change-token.ts'
import { NewerFile, readFileHeader } from './file-header.ts'
import { type ActiveLoad, type DuckdbLimits, settingStatements } from './tuning.ts'

export interface DuckdbOpenOptions {
  /** The DuckDB of dbt's Python, as it is when a file is opened; null for none. */
  readonly ofDbt: () => Promise<PythonLibrary | null>
  readonly limits: DuckdbLimits
  /** DuckDB's folder for data that does not fit into memory. */
  readonly temporaryFolder: string
  /** Absolute. Where dbt runs: a view of its project may name files relative to it. null for none. */
  readonly searchFolder: string | null
  readonly like: AsDbt
  readonly signal: AbortSignal
  /** Called once when another process has the file locked, or one that is attached. */
  readonly onLocked: (error: unknown) => void
}

/**
 * Prefix of a table while it is being loaded. A killed run leaves such tables behind. The prefix must not
 * change: leftovers of earlier versions have it too.
 */
export const STAGING_PREFIX = '_assets_aside_'

/** How long to wait for another process to release its lock, in milliseconds. */
const LOCK_TIMEOUT = 5_000

const files = new Map<string, DatabaseFile>()

/** The `DatabaseFile` for an absolute path. There is one per file in a process. */
export function databaseFile(path: string): DatabaseFile {
  const real = realPath(path)
  const known = files.get(real)
  if (known !== undefined) return known
  const file = new DatabaseFile(real)
  files.set(real, file)
  return file
}

/**
 * One DuckDB file in this process. All sessions share one DuckDB instance, which is closed with the
 * last of them. No session is open while the file is lent, because DuckDB allows a second instance
 * of a file and then loses committed tables.
 *
 * It also tracks change tokens. If another program changed the file between two of our uses, a later
 * token would cover a change that was never observed. From then on there is no token.
 */
class DatabaseFile {
  readonly path: string
  #users = 0
  #lent = false
  #opening: Promise<DuckdbEngine> | null = null
  #engine: DuckdbEngine | null = null
  /** Ends when the engine has closed the file. */
  #closing: Promise<void> | null = null
  /** The token when this process last read it; undefined before the first time. */
  #lastToken: string | undefined
  /** False once another program has changed the file. */
  #isContinuous = true
  #catalogueChange: Promise<unknown> = Promise.resolve()
  readonly #loads = new Set<ActiveLoad>()
  #limits: DuckdbLimits = { threads: null, memoryLimit: null }
  /** Those that the open engine has attached. */
  #attached: readonly AttachedFile[] = []
  /** Why databases of the profile could not be attached, by alias, when the file was opened last. */
  #refused: ReadonlyMap<string, string> = new Map()

  constructor(path: string) {
    this.path = path
  }

  get inUse(): boolean {
    return this.#users > 0 || this.#lent || this.#closing !== null
  }

  get exists(): boolean {
    return existsSync(this.path)
  }

  /** The change token; null while the file is in use, or after another program has changed it. */
  changeToken(): string | null {
    if (this.inUse) return null
    const token = this.#readToken()
    return this.#isContinuous ? token : null
  }

  /** Why a database of the profile could not be attached; null if it could, or was not tried yet. */
  whyNotAttached(alias: string): string | null {
    return this.#refused.get(alias) ?? null
  }

  /** Opens the file, or shares the open instance. Rejects with the error of DuckDB or of the disk. */
  async acquire(options: DuckdbOpenOptions): Promise<DuckdbEngine> {
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

  /** Ends one use. The last one closes the file and so releases the lock. */
  async release(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    const engine = this.#engine
    this.#engine = null
    this.#opening = null
    this.#closing = this.#close(engine)
    await this.#closing
  }

  /** An engine without the file, to read what the profile attaches. Rejects as `acquire` does. */
  async openInMemory(options: DuckdbOpenOptions): Promise<DuckdbEngine> {
    const duckdb = await duckdbLibrary(await options.ofDbt())
    const engine = await duckdb.open(':memory:')
    const attached = beginUse(options.like)
    const close = async () => {
      await engine.close()
      endUse(attached)
    }
    const connection = await engine.connect()
    try {
      await this.#attach(connection.run, options)
      return { connect: () => engine.connect(), close }
    } catch (error) {
      await close()
      throw error
    } finally {
      connection.close()
    }
  }

  /** Opens and closes the file: waits for locks of other processes, and rejects for a damaged file. */
  async waitUntilFree(options: DuckdbOpenOptions): Promise<void> {
    await this.acquire(options)
    await this.release()
  }

  /** Runs `use` while a child process has the file and those of `like`. Its changes count as changes by this process. */
  async lend<T>(like: AsDbt, use: () => Promise<T>): Promise<T> {
    await this.#closing
    if (this.inUse) throw new Error(`${this.path} can't be lent: a session is open`)
    this.#lent = true
    const attached = beginUse(like)
    try {
      return await use()
    } finally {
      this.#lent = false
      endUse(attached)
      this.#rememberToken()
    }
  }

  /** Runs one change of the catalogue at a time: DuckDB fails the second of two overlapping ones. */
  changeCatalogue<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#catalogueChange.then(change)
    this.#catalogueChange = result.catch(() => undefined)
    return result
  }

  /** Adjusts DuckDB's global settings for a load. `endLoad` restores them after the last load. */
  async beginLoad(run: RunStatement, loading: ActiveLoad): Promise<void> {
    this.#loads.add(loading)
    await this.retune(run)
  }

  async endLoad(run: RunStatement, loading: ActiveLoad): Promise<void> {
    this.#loads.delete(loading)
    await this.retune(run)
  }

  async retune(run: RunStatement): Promise<void> {
    for (const statement of settingStatements(this.#limits, this.#loads)) {
      await run(statement).catch((error: Error) => {
        // Another session uses more memory than the new limit right now. The load works without it.
        if (!error.message.includes('Failed to change memory limit')) throw error
      })
    }
  }

  async #open(options: DuckdbOpenOptions): Promise<DuckdbEngine> {
    await this.#closing
    this.#readToken()
    this.#limits = options.limits
    const duckdb = await duckdbLibrary(await options.ofDbt())
    if (!this.exists) await createFile(duckdb, this.path)
    const engine = await openWhenFree(duckdb, this.path, options)
    this.#attached = beginUse(options.like)
    const connection = await engine.connect()
    try {
      await this.#prepare(connection.run, options)
      connection.close()
      return engine
    } catch (error) {
      connection.close()
      await engine.close()
      endUse(this.#attached)
      throw error
    }
  }

  async #close(engine: DuckdbEngine | null): Promise<void> {
    // It fails only when the process that had the file open ended, which closes the file too.
    await engine?.close().catch(() => undefined)
    this.#closing = null
    endUse(this.#attached)
    this.#rememberToken()
  }

  /** Attaches the databases of the profile. Throws a `ProblemError`. */
  async #attach(run: RunStatement, { like, signal, onLocked }: DuckdbOpenOptions): Promise<void> {
    const prepared = await prepareAsDbt(run, like, { timeout: LOCK_TIMEOUT, signal, onLocked })
    if (!prepared.ok) throw new ProblemError(...prepared.problems)
    this.#refused = prepared.value
  }

  /** Removes what a killed run left behind. Safe here: no other process has the file open. */
  async #prepare(run: RunStatement, options: DuckdbOpenOptions): Promise<void> {
    const { temporaryFolder } = options
    rmSync(temporaryFolder, { recursive: true, force: true })
    removeAbandonedFiles(dirname(this.path))
    // DuckDB creates the folder itself, but not its parents.
    mkdirSync(dirname(temporaryFolder), { recursive: true })
    await run(`set temp_directory = ${literal(temporaryFolder)}`)
    await this.retune(run)
    await this.#attach(run, options)
    await dropLeftovers(run)
  }

  #readToken(): string | null {
    const token = fileChangeToken(this.path)
    if (this.#lastToken !== undefined && token !== this.#lastToken) this.#isContinuous = false
    this.#lastToken = token ?? this.#lastToken
    return token
  }

  #rememberToken(): void {
    const token = fileChangeToken(this.path)
    if (token === null) this.#isContinuous = false
    else this.#lastToken = token
  }
}

export type { DatabaseFile }

/** The files that an engine, or dbt, is about to attach. */
function beginUse({ attached }: AsDbt): readonly AttachedFile[] {
  const files = attached.filter(isDuckdbFile).map(({ file }) => attachedFile(file!))
  for (const file of files) file.begin()
  return files
}

function endUse(files: readonly AttachedFile[]): void {
  for (const file of files) file.end()
}

/** Creates an empty DuckDB file under another name and links it, so a kill leaves no partial file. */
async function createFile(duckdb: DuckdbLibrary, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = newName(path)
  rmSync(temporary, { force: true })
  try {
    const engine = await duckdb.open(temporary)
    await engine.close()
    try {
      linkSync(temporary, path)
    } catch (error) {
      if (existsSync(path)) return
      if (!(error instanceof Error)) throw error
      // Some file systems have no hard links.
      renameSync(temporary, path)
    }
  } finally {
    rmSync(temporary, { force: true })
  }
}

const READS_ONLY_OLDER = /database file with version number \d+, but we can only read/

async function openWhenFree(
  duckdb: DuckdbLibrary,
  path: string,
  options: DuckdbOpenOptions,
): Promise<DuckdbEngine> {
  let delay = 50
  for (let waited = 0; ; waited += delay) {
    try {
      return await duckdb.open(path)
    } catch (error) {
      const locked = error instanceof Error && error.message.includes('Could not set lock on file')
      if (error instanceof Error && READS_ONLY_OLDER.test(error.message)) {
        const writtenBy = readFileHeader(path)?.writtenBy ?? null
        throw new NewerFile(error.message, writtenBy, duckdb)
      }
      if (!locked || waited >= LOCK_TIMEOUT || options.signal.aborted) throw error
      if (waited === 0) options.onLocked(error)
      // An abort ends the pause, and the next attempt throws.
      await wait(delay, undefined, { signal: options.signal }).catch(() => undefined)
      delay = Math.min(delay * 2, 500)
    }
  }
}

async function dropLeftovers(run: RunStatement): Promise<void> {
  const rows = await run(
    `select database_name, schema_name, table_name from duckdb_tables()
     where database_name = current_database() and starts_with(table_name, ${literal(STAGING_PREFIX)})`,
  )
  for (const [catalog, schema, name] of rows) {
    const relation = { database: null, schema: String(schema), name: String(name) }
    await run(`drop table ${qualified(String(catalog), relation)}`)
  }
}

/** The path with symbolic links resolved, as far as it exists, so two spellings give one file. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(realPath(parent), basename(path))
}
