import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pointer } from '../../../model/location.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { Site } from '../../../ports/site.ts'
import type { Settings } from '../settings.ts'
import { readToken, renameDurably, type Token, writeToken } from './closed-state.ts'
import { type Origin, readOrigin, scriptProblem } from './init-scripts.ts'
import { acquireLock, type Lock } from './lock.ts'
import { cancelledProblem, lockedProblem, openProblem } from './problems.ts'
import { Engine, EngineError } from './worker-client.ts'

export interface OwnerOptions {
  readonly site: Site
  /** The worker thread's program. */
  readonly worker: URL
  /** Where the connection is declared. */
  readonly at: Pointer
}

/** How long to wait for another process that has the source open, in milliseconds. */
const PATIENCE = 5000
/** Past this many times the sample, PGlite takes minutes where a server takes seconds. */
const LARGE_SCALE = 20

/** The file system's words, and those of SQLite, whose file is the lock. */

/** An open embedded source: this process alone has it, and serves it on a Unix socket. */
interface Opened {
  readonly lock: Lock
  readonly engine: Engine
  /** Folder of the socket `.s.PGSQL.5432`. */
  readonly socket: string
  readonly token: Token
}

/**
 * The one owner of `<home>/source/<connection>` in this process. On disk:
 *
 *     <name>/data, <name>/token.json   the source; present only when it is whole
 *     <name>.tmp/                      one being made, worthless once its process is gone
 *     <name>.lock                      held while this process has the source open
 *
 *     closed ──open──▶ [made aside, renamed] ──▶ served (token dirty) ──close──▶ closed (token clean)
 */
export class Owner {
  readonly #settings: Settings
  readonly #options: OwnerOptions
  readonly #folder: string
  #opened: Promise<Opened> | null = null

  constructor(settings: Settings, options: OwnerOptions) {
    this.#settings = settings
    this.#options = options
    this.#folder = join(options.site.home, 'source', settings.name)
  }

  get isOpen(): boolean {
    return this.#opened !== null
  }

  /** What the closed source says of itself; null when there is none. */
  token(): Token | null {
    return readToken(this.#folder)
  }

  /**
   * Opens the source, making it first when there is none, and gives its socket's folder and its
   * identity. Throws a `ProblemError`: another process has it, an init file is missing or fails,
   * disk full, cancelled.
   */
  async open(): Promise<{ readonly socket: string; readonly uuid: string }> {
    if (this.#opened !== null) {
      const opened = await this.#opened
      if (!opened.engine.dead) return { socket: opened.socket, uuid: opened.token.uuid }
      await this.close()
    }
    this.#opened = this.#open(false)
    try {
      const { socket, token } = await this.#opened
      return { socket, uuid: token.uuid }
    } catch (error) {
      this.#opened = null
      throw error
    }
  }

  /** Makes the source anew. Throws as `open` does; the old one is kept when making fails. */
  async reset(): Promise<void> {
    await this.close()
    this.#opened = this.#open(true)
    try {
      await this.#opened
    } catch (error) {
      this.#opened = null
      throw error
    }
  }

  /** Closes the source in order and lets other processes have it. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null)
    this.#opened = null
    if (!opened) return
    const { engine, lock, socket, token } = opened
    try {
      // A dead engine leaves the token dirty: the source has to be asked next time.
      if (!engine.dead) {
        const snapshot = await engine.ask({ order: 'stop' })
        writeToken(this.#folder, { ...token, clean: true, snapshot })
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
    } finally {
      await engine.kill()
      rmSync(socket, { recursive: true, force: true })
      lock.release()
    }
  }

  async #open(anew: boolean): Promise<Opened> {
    const lock = await this.#lock()
    const engine = new Engine(this.#options.worker)
    const { signal } = this.#options.site
    const { name } = this.#settings
    const kill = () => void engine.kill()
    signal.addEventListener('abort', kill)
    try {
      if (signal.aborted) throw new ProblemError(cancelledProblem(name))
      const token = await this.#token(engine, anew)
      const socket = mkdtempSync(join(tmpdir(), 'assets-'))
      writeToken(this.#folder, { ...token, clean: false })
      const data = join(this.#folder, 'data')
      await engine.ask({ order: 'serve', folder: data, socket: join(socket, '.s.PGSQL.5432') })
      return { lock, engine, socket, token }
    } catch (error) {
      await engine.kill()
      lock.release()
      throw new ProblemError(signal.aborted ? cancelledProblem(name) : openProblem(error, name))
    } finally {
      signal.removeEventListener('abort', kill)
    }
  }

  /** The token of a whole source, which is made first where there is none. */
  async #token(engine: Engine, anew: boolean): Promise<Token> {
    const { embedded, name } = this.#settings
    const { site, at } = this.#options
    const known = anew ? null : readToken(this.#folder)
    const origin = readOrigin(site.root, embedded, at)
    if (!origin.ok) {
      if (known === null) throw new ProblemError(...origin.problems)
      return known
    }
    if (known === null) return this.#make(engine, origin.value)
    if (known.origin !== origin.value.hash) {
      site.notice(
        `the embedded source ${name} was made from other init files or settings than there are now; its rows are kept (assets source reset makes it anew)`,
      )
    }
    return known
  }

  async #make(engine: Engine, origin: Origin): Promise<Token> {
    const { embedded, name } = this.#settings
    const { notice } = this.#options.site
    const aside = `${this.#folder}.tmp`
    const old = `${this.#folder}.old`
    for (const rest of [aside, old]) rmSync(rest, { recursive: true, force: true })
    const files = origin.scripts.map(({ file }) => file).join(', ')
    notice(`making the embedded source ${name} from ${files} (only once; some ten seconds)`)
    for (const [setting, value] of Object.entries(embedded.settings)) {
      if (!setting.endsWith('scale') || !(Number(value) > LARGE_SCALE)) continue
      notice(`${setting} ${value} is a lot for an embedded source: give a server's url for that`)
    }
    const { scripts } = origin
    const { settings } = embedded
    const order = { order: 'make', folder: join(aside, 'data'), settings, scripts } as const
    const snapshot = await engine.ask(order).catch((error: unknown) => {
      const refused = error instanceof EngineError ? scriptProblem(scripts, error.failure) : null
      throw refused === null ? error : new ProblemError(refused)
    })
    const token = { uuid: randomUUID(), clean: true, snapshot, origin: origin.hash }
    writeToken(aside, token)
    if (existsSync(this.#folder)) renameDurably(this.#folder, old)
    renameDurably(aside, this.#folder)
    rmSync(old, { recursive: true, force: true })
    return token
  }

  async #lock(): Promise<Lock> {
    const { name } = this.#settings
    const { site } = this.#options
    const by = (pid: number | null) => (pid === null ? 'another process' : `process ${pid}`)
    try {
      mkdirSync(join(this.#folder, '..'), { recursive: true })
      const lock = await acquireLock(`${this.#folder}.lock`, PATIENCE, (pid) =>
        site.notice(`waiting for ${by(pid)}, which has the embedded source ${name} open`),
      )
      if (!('held' in lock)) return lock
      throw new ProblemError(lockedProblem(name, by(lock.pid)))
    } catch (error) {
      throw new ProblemError(openProblem(error, name))
    }
  }
}
