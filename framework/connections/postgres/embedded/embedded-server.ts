import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Pointer } from '../../../model/location.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { Site } from '../../../ports/site.ts'
import type { PostgresSettings } from '../settings.ts'
import { type InitScripts, readInitScripts, scriptProblem } from './init-scripts.ts'
import { acquireLock, type Lock } from './lock.ts'
import { cancelledProblem, lockedProblem, lostProblem, openFailed } from './problems.ts'
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts'
import {
  hasData,
  openedState,
  readSourceState,
  renameDurably,
  type SourceState,
  writeSourceState,
} from './source-state.ts'
import { WorkerClient, WorkerError } from './worker-client.ts'

export interface EmbeddedServerOptions {
  readonly site: Site
  /** The program of the worker thread. */
  readonly worker: URL
  /** The declaration of the connection. */
  readonly at: Pointer
}

/** How long to wait for another process that has the source open, in milliseconds. */
const LOCK_TIMEOUT = 5000
/** Above this scale of the sample, PGlite takes minutes where a server takes seconds. */
const LARGE_SCALE = 20

/** An open embedded source. Only this process has it open, and serves it on a Unix socket. */
interface OpenServer {
  readonly lock: Lock
  readonly worker: WorkerClient
  /** Folder of the socket `.s.PGSQL.5432`. */
  readonly socketFolder: string
  readonly state: SourceState
}

/**
 * Owns `<home>/source/<connection>` in this process. On disk:
 *
 *     <name>/data, <name>/token.json   the source; exists only when it is complete
 *     <name>.tmp/                      a source that is being created; worthless after a crash
 *     <name>.lock                      locked while a process has the source open
 *     <name>.socket                    the folder of its socket, while it is open
 *
 *     closed ──open──▶ [created in .tmp, renamed] ──▶ served (clean: false) ──close──▶ closed (clean: true)
 */
export class EmbeddedServer {
  readonly #settings: PostgresSettings
  readonly #options: EmbeddedServerOptions
  readonly #folder: string
  #opened: Promise<OpenServer> | null = null

  constructor(settings: PostgresSettings, options: EmbeddedServerOptions) {
    this.#settings = settings
    this.#options = options
    this.#folder = join(options.site.home, 'source', settings.name)
  }

  /** Names the folder of the socket while the source is open. */
  get #socketNote(): string {
    return `${this.#folder}.socket`
  }

  get isOpen(): boolean {
    return this.#opened !== null
  }

  /** Whether the data on disk is there. */
  get hasData(): boolean {
    return hasData(this.#folder)
  }

  /** The state on disk; null if the source does not exist. */
  state(): SourceState | null {
    return readSourceState(this.#folder)
  }

  /**
   * Opens the source and returns its socket folder and its state. Creates the source first if it does not
   * exist. Throws a `ProblemError`: locked by another process, init file missing or failed, disk full,
   * cancelled.
   */
  async open(): Promise<Pick<OpenServer, 'socketFolder' | 'state'>> {
    if (this.#opened !== null) {
      const { worker, socketFolder, state } = await this.#opened
      if (!worker.hasEnded) return { socketFolder, state }
      await this.close()
    }
    return this.#openOnce(false)
  }

  /** Creates the source again. Throws like `open`. If that fails, the old source is kept. */
  async reset(): Promise<void> {
    await this.close()
    await this.#openOnce(true)
  }

  /** Shuts the source down cleanly and releases its lock. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null)
    this.#opened = null
    if (!opened) return
    const { worker, lock, state } = opened
    try {
      // If the worker died, the state stays `clean: false`, and the next probe opens the source.
      if (!worker.hasEnded) {
        const snapshot = await worker.send({ request: 'stop' })
        writeSourceState(this.#folder, { ...state, clean: true, snapshot })
      }
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error
    } finally {
      await worker.terminate()
      removeSocketFolder(this.#socketNote)
      lock.release()
    }
  }

  async #openOnce(recreate: boolean): Promise<OpenServer> {
    this.#opened = this.#open(recreate)
    try {
      return await this.#opened
    } catch (error) {
      this.#opened = null
      throw error
    }
  }

  async #open(recreate: boolean): Promise<OpenServer> {
    const lock = await this.#lock()
    const worker = new WorkerClient(this.#options.worker)
    const { signal } = this.#options.site
    const { name } = this.#settings
    const terminate = () => void worker.terminate()
    signal.addEventListener('abort', terminate)
    try {
      if (signal.aborted) throw new ProblemError(cancelledProblem(name))
      const state = openedState(await this.#ensureCreated(worker, recreate))
      const socketFolder = makeSocketFolder(this.#socketNote)
      writeSourceState(this.#folder, state)
      const folder = join(this.#folder, 'data')
      const socket = join(socketFolder, '.s.PGSQL.5432')
      await worker.send({ request: 'serve', folder, socket })
      return { lock, worker, socketFolder, state }
    } catch (error) {
      await worker.terminate()
      lock.release()
      throw new ProblemError(signal.aborted ? cancelledProblem(name) : openFailed(error, name))
    } finally {
      signal.removeEventListener('abort', terminate)
    }
  }

  /** Returns the state of the source, which is created if it does not exist. */
  async #ensureCreated(worker: WorkerClient, recreate: boolean): Promise<SourceState> {
    const { embedded, name } = this.#settings
    const { site, at } = this.#options
    const existing = recreate ? null : readSourceState(this.#folder)
    if (existing !== null && !hasData(this.#folder)) {
      throw new ProblemError(lostProblem(name, join(this.#folder, 'data')))
    }
    const init = readInitScripts(site.root, embedded, at)
    if (!init.ok) {
      if (existing === null) throw new ProblemError(...init.problems)
      return existing
    }
    if (existing === null) return this.#create(worker, init.value)
    if (existing.origin !== init.value.hash) {
      site.notice(
        `the init files or settings of the embedded source ${name} changed since it was created; its rows are kept (run assets source reset to create it again)`,
      )
    }
    return existing
  }

  async #create(worker: WorkerClient, init: InitScripts): Promise<SourceState> {
    const { embedded, name } = this.#settings
    const { notice } = this.#options.site
    const temporary = `${this.#folder}.tmp`
    const old = `${this.#folder}.old`
    for (const leftover of [temporary, old]) rmSync(leftover, { recursive: true, force: true })
    const files = init.scripts.map(({ file }) => file).join(', ')
    notice(`creating the embedded source ${name} from ${files} (once; takes about ten seconds)`)
    for (const [setting, value] of Object.entries(embedded.settings)) {
      if (!setting.endsWith('scale') || !(Number(value) > LARGE_SCALE)) continue
      notice(`${setting} ${value} is slow in an embedded source: set url to a server instead`)
    }
    const { scripts } = init
    const { settings } = embedded
    const request = {
      request: 'create',
      folder: join(temporary, 'data'),
      settings,
      scripts,
    } as const
    const snapshot = await worker.send(request).catch((error: unknown) => {
      const problem = error instanceof WorkerError ? scriptProblem(scripts, error.failure) : null
      throw problem === null ? error : new ProblemError(problem)
    })
    const created = { uuid: randomUUID(), clean: true, snapshot, origin: init.hash }
    const state = { ...created, lives: [], boot: null }
    writeSourceState(temporary, state)
    if (existsSync(this.#folder)) renameDurably(this.#folder, old)
    renameDurably(temporary, this.#folder)
    rmSync(old, { recursive: true, force: true })
    return state
  }

  async #lock(): Promise<Lock> {
    const { name } = this.#settings
    const { site } = this.#options
    const processName = (pid: number | null) =>
      pid === null ? 'another process' : `process ${pid}`
    try {
      mkdirSync(join(this.#folder, '..'), { recursive: true })
      const lock = await acquireLock(`${this.#folder}.lock`, LOCK_TIMEOUT, (pid) =>
        site.notice(`waiting for ${processName(pid)}, which has the embedded source ${name} open`),
      )
      if (!('held' in lock)) return lock
      throw new ProblemError(lockedProblem(name, processName(lock.pid)))
    } catch (error) {
      throw new ProblemError(openFailed(error, name))
    }
  }
}
