import { hash } from '../../../lib/hash.ts'
import type { RunSummary } from '../../../model/run.ts'
import type { State, Watched } from '../../../ports/state.ts'
import { runDocument, runsDocument } from '../../../ui/data/runs.ts'
import type { EventStream, PageEvent } from '../../../ui/server/event-stream.ts'
import type { PageSource } from '../../../ui/server/page-source.ts'
import type { Context } from '../../context.ts'
import type { Workspace } from '../../workspace.ts'
import { askChild } from './child-answers.ts'
import { projectToken } from './project-token.ts'

/** Milliseconds between two looks at the state while a page is open. */
const INTERVAL = 500
/** How long a look for changes counts, in milliseconds. */
const LOOK_LASTS = 1_500
/** Milliseconds of quiet after a change was told. */
const QUIET = 2_000
/** Or so many times as long as a document takes. */
const QUIET_SHARE = 5
/** Milliseconds between two looks at the files of the project, if that takes no time to speak of. */
const FILES_INTERVAL = 3_000
/** A look at the files that takes longer comes so many times less often than it takes. */
const FILES_SHARE = 10
/** The runs that the page lists: those of 90 days, and no more than these. */
const MOST_RUNS = 2_000

interface LiveSourceOptions {
  readonly context: Context
  readonly workspace: Workspace
  readonly state: State
  readonly events: EventStream
}

/**
 * What the page shows, read from the state and the files alone. Looks for changes while a page is open: what a run in
 * another process wrote, and edits of the project.
 */
export class LiveSource implements PageSource {
  readonly #options: LiveSourceOptions
  /** The documents that processes of their own made since the last change, by question. */
  readonly #answers = new Map<string, Promise<string>>()
  /** What the last look saw; null before the first one. */
  #seen: { readonly state: string; readonly files: string } | null = null
  /** The run that is shown live, and the last event of it that was sent. */
  #live: { readonly run: number; seq: number; progressAt: number } | null = null
  /** When the last look for changes began. Milliseconds since the epoch. */
  #lookedAt = 0
  #freshening: Promise<void> | null = null
  /** No changes are looked for before this time. */
  #quietUntil = 0
  /** Milliseconds of the slowest document so far. */
  #slowest = 0
  /** When the files are looked at again. Milliseconds since the epoch. */
  #filesAt = 0
  #cancel: (() => void) | null = null
  #isClosed = false

  constructor(options: LiveSourceOptions) {
    this.#options = options
  }

  async ask(what: string, name: string): Promise<string | null> {
    switch (what) {
      case 'overview':
      case 'plan':
      case 'answers':
        return name === '' ? this.#fromChild(what) : null
      case 'asset':
        return name === '' ? null : this.#assetPage(name)
      case 'runs':
        return name === '' ? this.#runs() : null
      case 'run':
        return /^\d{1,15}$/.test(name) ? this.#run(Number(name)) : null
      default:
        return null
    }
  }

  async missed(since: string | null): Promise<readonly PageEvent[]> {
    const run = await this.#running()
    if (run === null) return []
    const [, id, seq] = /^(\d+)\.(\d+)$/.exec(since ?? '') ?? []
    const after = Number(id) === run.run ? Number(seq) : 0
    const watched = await this.#options.state.watch(run.run, after)
    return watched.ok ? [runEvent(run, watched.value)] : []
  }

  /** Looks for changes from now on. */
  watch(): void {
    if (this.#isClosed) return
    this.#cancel = this.#options.context.later(INTERVAL, () => {
      this.#look()
        .catch(() => {})
        .then(() => this.watch())
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }

  async #fromChild(question: string): Promise<string> {
    await this.#freshen()
    return this.#answers.get(question) ?? this.#askChild(question)
  }

  async #askChild(question: string): Promise<string> {
    const { context, workspace } = this.#options
    const begin = context.clock()
    const asked = askChild(context, workspace.site.target.name, question)
    this.#answers.set(question, asked)
    try {
      const text = await asked
      this.#slowest = Math.max(this.#slowest, context.clock() - begin)
      return text
    } catch (error) {
      this.#answers.delete(question)
      throw error
    }
  }

  /** While no page is open, nobody looks for changes: then a question does it first. */
  async #freshen(): Promise<void> {
    if (this.#options.context.clock() - this.#lookedAt < LOOK_LASTS) return
    this.#freshening ??= this.#lookForChanges().finally(() => {
      this.#freshening = null
    })
    await this.#freshening
  }

  async #assetPage(name: string): Promise<string | null> {
    const text = await this.#fromChild(`asset:${name}`)
    return text === 'null' ? null : text
  }

  async #runs(): Promise<string> {
    const { state, workspace } = this.#options
    const runs = await state.runs(workspace.site.target.name, MOST_RUNS)
    if (!runs.ok) throw new Error(runs.problems[0]!.message)
    return JSON.stringify(runsDocument(runs.value))
  }

  async #run(id: number): Promise<string | null> {
    const { state, workspace } = this.#options
    const [run, watched] = await Promise.all([state.run(id), state.watch(id, 0)])
    if (!run.ok) throw new Error(run.problems[0]!.message)
    if (run.value === null || run.value.target !== workspace.site.target.name) return null
    return JSON.stringify(runDocument(run.value, watched.ok ? watched.value : NOTHING))
  }

  async #running(): Promise<RunSummary | null> {
    const { state, workspace } = this.#options
    const runs = await state.runs(workspace.site.target.name, 1)
    const newest = runs.ok ? runs.value[0] : undefined
    return newest?.outcome === 'running' ? newest : null
  }

  async #look(): Promise<void> {
    if (this.#options.events.size === 0) return
    await this.#lookAtRun()
    await this.#lookForChanges()
  }

  /** Forgets the documents if the state or the files have changed, and tells the open pages. */
  async #lookForChanges(): Promise<void> {
    const { context, events } = this.#options
    const begin = context.clock()
    // A run writes all the time. The pages know its events already.
    if (begin < this.#quietUntil) return
    const before = this.#seen
    const state = await this.#stateToken()
    const files = await this.#filesToken(before?.files ?? null)
    this.#seen = { state, files }
    this.#lookedAt = begin
    if (before === null || (before.state === state && before.files === files)) return
    this.#answers.clear()
    this.#quietUntil = context.clock() + Math.max(QUIET, QUIET_SHARE * this.#slowest)
    events.send({ name: 'changed', data: {} })
  }

  /** A text that changes with the files of the project; the one of the last look if it is too early for another. */
  async #filesToken(last: string | null): Promise<string> {
    const { context } = this.#options
    const begin = context.clock()
    if (last !== null && begin < this.#filesAt) return last
    const { text, isWhole } = await projectToken(this.#options)
    const token = isWhole ? text : hash(text, await this.#overviewToken())
    const end = context.clock()
    this.#filesAt = end + Math.max(FILES_INTERVAL, FILES_SHARE * (end - begin))
    return token
  }

  /** The overview itself: it is made again, since nothing less tells whether it is another one. */
  async #overviewToken(): Promise<string> {
    const { context, workspace } = this.#options
    const text = await askChild(context, workspace.site.target.name, 'overview')
    return hash(text)
  }

  async #lookAtRun(): Promise<void> {
    const { events, state } = this.#options
    const run = await this.#running()
    const before = this.#live
    if (run === null) {
      this.#live = null
      if (before !== null) events.send({ name: 'run', data: { run: null } })
      return
    }
    const live = before?.run === run.run ? before : { run: run.run, seq: 0, progressAt: 0 }
    this.#live = live
    const watched = await state.watch(run.run, live.seq)
    if (!watched.ok) return
    const { events: more, progress } = watched.value
    if (before?.run === run.run && more.length === 0 && (progress?.at ?? 0) === live.progressAt)
      return
    live.seq = more.at(-1)?.seq ?? live.seq
    live.progressAt = progress?.at ?? 0
    events.send(runEvent(run, watched.value))
  }

  /** A text that changes with the state: of SQLite's file, or of the newest run. */
  async #stateToken(): Promise<string> {
    const { workspace, state } = this.#options
    const token = await workspace.stateToken()
    if (token !== null) return token
    const runs = await state.runs(workspace.site.target.name, 1)
    return JSON.stringify(runs.ok ? runs.value : null)
  }
}

const NOTHING: Watched = { events: [], progress: null }

function runEvent(run: RunSummary, watched: Watched): PageEvent {
  const last = watched.events.at(-1)?.seq
  const data = { run: runDocument({ ...run, steps: [] }, watched) }
  return { name: 'run', ...(last === undefined ? {} : { id: `${run.run}.${last}` }), data }
}
