import { setTimeout } from 'node:timers/promises'
import { ProblemError } from '../../model/problem.ts'
import type { Database, Mode, Transaction } from '../database.ts'
import { inDoubtProblem, lostProblem, type Store } from './problems.ts'
import { Session } from './session.ts'
import { fateOf, transact } from './transaction.ts'

/** How long a server that can't be reached is waited for, in milliseconds. */
export interface Patience {
  /** While nothing was heard of it yet: somebody may sit and wait. */
  readonly opening: number
  /** Once a command works with it: the failover of a managed server takes a minute or two. */
  readonly working: number
}

const PATIENCE: Patience = { opening: 5_000, working: 180_000 }
/** Between two tries, in milliseconds, doubling. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

/**
 * A database on a server that may go away and come back in the middle of a run. A transaction whose
 * end is certain is tried again or answered; one whose end is not is looked up first, so nothing is
 * done twice.
 *
 *     try ── done ─────────────────────────→ value
 *      ↑ └── lost before its commit ──┐
 *      │     lost in its commit ── asked: committed → value
 *      └───────────────────────────── asked: aborted
 */
export class PostgresDatabase implements Database {
  readonly #url: string
  readonly #store: Store
  readonly #patience: Patience
  #session: Session | null = null
  #isKnown = false
  /** Since when the server has not been heard of; null while it answers. */
  #silentSince: number | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(url: string, store: Store, patience: Patience = PATIENCE) {
    this.#url = url
    this.#store = store
    this.#patience = patience
  }

  transaction<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#persist(mode, use))
    this.#last = result.catch(() => {})
    return result
  }

  async close(): Promise<void> {
    await this.#last
    await this.#session?.end()
    this.#session = null
  }

  async #persist<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const session = await this.#connected()
      const ended = await transact(session, this.#store.schema, mode, use)
      if (ended.is === 'done') {
        this.#heard()
        return ended.value
      }
      this.#drop(session)
      if (ended.is === 'in doubt') {
        if (await this.#wasCommitted(ended.id)) return ended.value
      } else if (!(await this.#wait(pause))) {
        throw new ProblemError(lostProblem(ended.error.cause, this.#store))
      }
    }
  }

  /** Asks until the server has made up its mind: it may not have noticed yet that we are gone. */
  async #wasCommitted(id: string): Promise<boolean> {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const session = await this.#connected().catch((error: unknown) => {
        throw new ProblemError(inDoubtProblem(this.#store, error))
      })
      const fate = await fateOf(session, id).catch(() => 'unheard')
      if (fate === 'committed' || fate === 'aborted') return fate === 'committed'
      if (fate === 'unheard') this.#drop(session)
      if (fate === null || !(await this.#wait(pause))) {
        throw new ProblemError(inDoubtProblem(this.#store, 'the server does not know its end'))
      }
    }
  }

  async #connected(): Promise<Session> {
    for (let pause = FIRST_PAUSE; this.#session === null; pause *= 2) {
      try {
        this.#session = await Session.open(this.#url, this.#store)
      } catch (error) {
        const mayCome = error instanceof ProblemError && error.problems[0]?.transient === true
        if (!mayCome || !(await this.#wait(pause))) throw error
      }
    }
    return this.#session
  }

  /** Waits a moment, and says whether waiting is still worth it. */
  async #wait(pause: number): Promise<boolean> {
    const now = performance.now()
    this.#silentSince ??= now
    const patience = this.#isKnown ? this.#patience.working : this.#patience.opening
    if (now - this.#silentSince >= patience) return false
    await setTimeout(Math.min(pause, LONGEST_PAUSE))
    return true
  }

  #heard(): void {
    this.#isKnown = true
    this.#silentSince = null
  }

  #drop(session: Session): void {
    this.#session = null
    void session.end()
  }
}
