import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from '../../../framework/connections/tableau/index.ts'
import { systemTimers, type Timers } from '../../../framework/connections/timers.ts'
import { fileStats, tokenOf } from '../../../framework/lib/file-stats.ts'
import type { Json } from '../../../framework/lib/json.ts'
import type { Progress } from '../../../framework/ports/batch.ts'
import type {
  Published,
  Publisher,
  PublishRequest,
  Refreshed,
  RefreshRequest,
} from '../../../framework/ports/publisher.ts'
import { siteOf } from '../../contract/suites/site.ts'
import { type TableauLookAlike, TOKEN } from './look-alike.ts'

const FILE = 'revenue_trend.hyper'
export const NAME = 'revenue_trend'
export const PROJECT = 'DVD rental'

/** Moments that are left to live; null: for ever. */
interface Life {
  left: number | null
}

const isDead = ({ left }: Life): boolean => left !== null && left < 0
const NEVER = new Promise<never>(() => {})

/**
 * A process that publishes and refreshes at the look-alike, and the journal that outlives it. It dies at the n-th moment
 * in which it could: each write into the journal, and each call before it is sent and after it is carried out.
 */
export class TableauWork {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-tableau-'))
  /** What the journal holds of the asset. */
  journal: Json = null
  /** What the last publication left in the record. */
  last: PublishRequest['last'] = null
  /** What was waited for, in milliseconds. */
  waits: number[] = []
  progress: string[] = []
  run = 1
  signal = new AbortController()
  /** Called in each wait. */
  meanwhile: () => unknown = () => {}
  readonly #server: TableauLookAlike
  readonly #settings: Readonly<Record<string, Json>>
  #publisher: Publisher
  /** The life of the present process. */
  #life: Life = { left: null }

  constructor(server: TableauLookAlike, settings: Readonly<Record<string, Json>> = {}) {
    this.#server = server
    this.#settings = settings
    this.write('the rows')
    this.#publisher = this.#start()
  }

  /** The file as it is now. */
  file(): PublishRequest['file'] {
    const path = join(this.root, FILE)
    const stats = fileStats(path)
    return { path, token: stats === undefined ? null : tokenOf(stats) }
  }

  write(text: string): void {
    writeFileSync(join(this.root, FILE), text)
  }

  /** A new process: it knows what is in the journal and in the record, and no more. */
  restart(): void {
    this.run += 1
    this.signal = new AbortController()
    this.#life = { left: null }
    this.#publisher = this.#start()
  }

  /** Dies after this number of moments. */
  diesAfter(moments: number): void {
    this.#life.left = moments
  }

  /** null: it died. */
  async publish(more: Partial<PublishRequest> = {}): Promise<Published | null> {
    const content = more.content ?? 'c:hyper/1:a'
    const published = await this.#unlessDead((died) =>
      this.#publisher.publish({
        ...this.#common(died),
        ...{ place: { project: PROJECT, name: NAME }, mode: 'create', description: 'By month.' },
        ...{ file: this.file(), content, last: this.last, forced: false },
        ...more,
      }),
    )
    if (published?.is === 'published') this.#commit({ receipt: published.receipt, content })
    return published
  }

  /** null: it died. */
  async refresh(more: Partial<RefreshRequest> = {}): Promise<Refreshed | null> {
    const refreshed = await this.#unlessDead((died) =>
      this.#publisher.refresh({
        ...this.#common(died),
        ...{ content: { type: 'workbook', name: 'Overview', project: null } },
        inputs: { run: this.run, at: Date.now() },
        ...more,
      }),
    )
    if (refreshed?.is === 'refreshed') this.#commit(this.last)
    return refreshed
  }

  look(assets: readonly string[] = ['extract_revenue']) {
    const receipt = this.last?.receipt ?? null
    const place = { project: PROJECT, name: NAME }
    return this.#publisher.look(assets.map((asset) => ({ asset, place, receipt })))
  }

  holds(place = { project: PROJECT, name: NAME }): boolean {
    return this.#publisher.holds(this.last?.receipt ?? null, place)
  }

  close(): Promise<void> {
    return this.#publisher.close()
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #commit(last: PublishRequest['last']): void {
    this.last = last
    this.journal = null
  }

  #common(died: () => void) {
    return {
      ...{ asset: 'extract_revenue', run: this.run, unfinished: this.journal },
      signal: this.signal.signal,
      onReference: async (reference: Json) => {
        await this.#moment(died)
        this.journal = reference
        await this.#moment(died)
      },
      onProgress: async ({ message }: Progress) => {
        this.progress.push(message)
      },
    }
  }

  /** Runs work until its end, or until it dies. A dead process does nothing more. */
  async #unlessDead<T>(work: (died: () => void) => Promise<T>): Promise<T | null> {
    let died = () => {}
    const death = new Promise<null>((resolve) => {
      died = () => resolve(null)
    })
    this.#server.beforeAnswer = () => this.#moment(died)
    const ended = await Promise.race([death, work(died)])
    this.#server.beforeAnswer = async () => {}
    return ended
  }

  async #moment(died: () => void): Promise<void> {
    const life = this.#life
    if (life.left === null) return
    life.left -= 1
    if (!isDead(life)) return
    died()
    await NEVER
  }

  #start(): Publisher {
    const life = this.#life
    const timers: Timers = {
      sleep: async (milliseconds) => {
        if (isDead(life)) await NEVER
        this.waits.push(milliseconds)
        await this.meanwhile()
      },
      // The limit of a call, shortened.
      later: (milliseconds, call) =>
        systemTimers.later(milliseconds / 200, () => {
          if (!isDead(life)) call()
        }),
    }
    const { signal } = this.signal
    const settings = {
      ...{ url: this.#server.url, site: 'rental', token_name: TOKEN.name, token: TOKEN.secret },
      ...this.#settings,
    }
    const at = { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'tableau'] }
    const site = siteOf({ root: this.root, signal, clock: Date.now })
    const created = create({ type: 'tableau', settings, at }, site, timers)
    if (!created.ok) throw new Error(created.problems[0]!.message)
    return created.value
  }
}
