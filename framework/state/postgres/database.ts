import { setTimeout } from 'node:timers/promises'
import { ProblemError } from '../../model/problem.ts'
import type { Database, Mode, Transaction } from '../database.ts'
import { inDoubtProblem, lostProblem, type PostgresStateLabel } from './problems.ts'
import { PostgresSession } from './session.ts'
import { transact, transactionStatus } from './transaction.ts'

/** How long to retry when the server can't be reached, in milliseconds. */
export interface ServerTimeouts {
  /** Before the first response. Short, because a user may be waiting. */
  readonly opening: number
  /** After the first response. A failover of a managed server takes a minute or two. */
  readonly working: number
}

const DEFAULT_TIMEOUTS: ServerTimeouts = { opening: 5_000, working: 180_000 }
/** Pauses between attempts, in milliseconds. They double up to the longest. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

/**
 * A database on a server that may go away and come back during a run. A transaction that was lost before
 * its commit is repeated. If it was lost in its commit, the server is asked for its status first, so no
 * transaction is applied twice.
 *
 *     attempt ── done ─────────────────────────→ value
 *      ↑ └───── lost before its commit ──┐
 *      │        lost in its commit ── status committed → value
 *      └──────────────────────────────── status aborted
 */
export class PostgresDatabase implements Database {
  readonly #url: string
  readonly #label: PostgresStateLabel
  readonly #timeouts: ServerTimeouts
  #session: PostgresSession | null = null
  /** True once the server has responded. */
  #hasResponded = false
  /** When the server stopped responding; null while it responds. */
  #silentSince: number | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(url: string, label: PostgresStateLabel, patience: ServerTimeouts = DEFAULT_TIMEOUTS) {
    this.#url = url
    this.#label = label
    this.#timeouts = patience
  }

  transaction<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#transactWithRetries(mode, use))
    this.#last = result.catch(() => {})
    return result
  }

  async close(): Promise<void> {
    await this.#last
    await this.#session?.end()
    this.#session = null
  }

  async #transactWithRetries<T>(mode: Mode, use: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const session = await this.#connected()
      const ended = await transact(session, this.#label.schema, mode, use)
      if (ended.is === 'done') {
        this.#responded()
        return ended.value
      }
      this.#drop(session)
      if (ended.is === 'in doubt') {
        if (await this.#wasCommitted(ended.id)) return ended.value
      } else if (!(await this.#wait(pause))) {
        throw new ProblemError(lostProblem(ended.error.cause, this.#label))
      }
    }
  }

  /** Polls until the transaction has ended: the server may not have noticed the lost connection yet. */
  async #wasCommitted(id: string): Promise<boolean> {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const session = await this.#connected().catch((error: unknown) => {
        throw new ProblemError(inDoubtProblem(this.#label, error))
      })
      const status = await transactionStatus(session, id).catch(() => 'no response')
      if (status === 'committed' || status === 'aborted') return status === 'committed'
      if (status === 'no response') this.#drop(session)
      if (status === null || !(await this.#wait(pause))) {
        throw new ProblemError(
          inDoubtProblem(this.#label, 'the server no longer knows the transaction'),
        )
      }
    }
  }

  async #connected(): Promise<PostgresSession> {
    for (let pause = FIRST_PAUSE; this.#session === null; pause *= 2) {
      try {
        this.#session = await PostgresSession.open(this.#url, this.#label)
      } catch (error) {
        const isTransient = error instanceof ProblemError && error.problems[0]?.transient === true
        if (!isTransient || !(await this.#wait(pause))) throw error
      }
    }
    return this.#session
  }

  /** Waits before another attempt. False, without waiting, when the timeout has passed. */
  async #wait(pause: number): Promise<boolean> {
    const now = performance.now()
    this.#silentSince ??= now
    const timeout = this.#hasResponded ? this.#timeouts.working : this.#timeouts.opening
    if (now - this.#silentSince >= timeout) return false
    await setTimeout(Math.min(pause, LONGEST_PAUSE))
    return true
  }

  #responded(): void {
    this.#hasResponded = true
    this.#silentSince = null
  }

  #drop(session: PostgresSession): void {
    this.#session = null
    void session.end()
  }
}
