import { ProblemError } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import { type Link, logIn, type SendOptions, type Statement } from './driver.ts'
import { isGone, type Whereabouts } from './problems.ts'
import type { Settings } from './settings.ts'

/** After so long without a statement the session is asked for before it is used. */
const IDLE_MS = 5 * 60_000
/** How long a statement may take to end once it was cancelled. */
const PATIENCE_MS = 10_000
/** A session that nobody uses is kept for whoever opens the next one. */
const LINGER_MS = 30_000

/**
 * The one session that a process has with an account, opened when it is first needed and opened again
 * when the service forgot it. Deadlines are ours: the driver only ever asks again.
 *
 *   absent → (log in) → up → (390111, idle and unknown) → absent
 */
export class SharedConnection {
  readonly #settings: Settings
  readonly #where: Whereabouts
  readonly #clock: Clock
  #link: Promise<Link> | null = null
  #usedAt = 0
  #users = 0
  #leaving: NodeJS.Timeout | undefined

  constructor(settings: Settings, where: Whereabouts, clock: Clock) {
    this.#settings = settings
    this.#where = where
    this.#clock = clock
  }

  /** Someone uses it until they call `leave`. */
  enter(): void {
    this.#users++
    clearTimeout(this.#leaving)
  }

  leave(): void {
    this.#users--
    if (this.#users > 0) return
    this.#leaving = setTimeout(() => this.#drop(this.#link), LINGER_MS).unref()
  }

  /** Logs in, if nobody has. Rejects with the driver's error, or a `ProblemError` for the deadline. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#up(signal)
  }

  /**
   * Runs one statement. An abort and the deadline cancel it in the service. Rejects with the driver's
   * error, or a `ProblemError`: `cancelled`, `warehouse-timeout`.
   */
  async run(sql: string, options: SendOptions, signal: AbortSignal): Promise<Statement> {
    for (let again = false; ; again = true) {
      const link = await this.#up(signal)
      const held = this.#link
      try {
        const statement = await this.#finish(link, sql, options, signal)
        this.#usedAt = this.#clock()
        return statement
      } catch (error) {
        if (again || signal.aborted || !isGone(error)) throw error
        this.#drop(held)
      }
    }
  }

  async #up(signal: AbortSignal): Promise<Link> {
    const held = this.#link
    const known = await held?.catch(() => null)
    if (known && (await this.#isUsable(known))) return known
    if (held !== null) this.#drop(held)
    this.#link ??= this.#logIn(signal)
    const link = this.#link
    // A login that failed is tried again by whoever comes next.
    link.catch(() => this.#drop(link))
    return link
  }

  async #isUsable(link: Link): Promise<boolean> {
    if (!link.isUp()) return false
    const isIdle = this.#clock() - this.#usedAt > IDLE_MS
    return !isIdle || within(link.isAlive(), PATIENCE_MS).catch(() => false)
  }

  async #logIn(signal: AbortSignal): Promise<Link> {
    const link = logIn(this.#settings)
    const { loginTimeout } = this.#settings
    try {
      const up = await within(link, loginTimeout, signal)
      this.#usedAt = this.#clock()
      return up
    } catch (error) {
      // A login that ends after all must not leave a session behind.
      if (error instanceof Overdue) void link.then((late) => late.close()).catch(() => undefined)
      throw error instanceof Overdue ? this.#gaveUp(error, 'log in', loginTimeout) : error
    }
  }

  async #finish(
    link: Link,
    sql: string,
    options: SendOptions,
    signal: AbortSignal,
  ): Promise<Statement> {
    const { statementTimeout } = this.#settings
    const { done, cancel } = link.send(sql, options)
    try {
      return await within(done, statementTimeout, signal)
    } catch (error) {
      if (!(error instanceof Overdue)) throw error
      cancel()
      await within(done, PATIENCE_MS).catch(() => undefined)
      throw this.#gaveUp(error, 'answer a statement', statementTimeout)
    }
  }

  #gaveUp({ because }: Overdue, what: string, milliseconds: number): ProblemError {
    const { name } = this.#where
    if (because === 'abort') {
      return new ProblemError({ code: 'cancelled', message: `the work on ${name} was cancelled` })
    }
    return new ProblemError({
      code: 'warehouse-timeout',
      message: `${name} took longer than ${milliseconds / 1000} s to ${what}`,
      hint:
        what === 'log in'
          ? 'check the account and the network, or raise `login_timeout` of the warehouse'
          : 'see whether its warehouse is suspended or busy, or raise `statement_timeout` of the warehouse',
      transient: true,
    })
  }

  #drop(link: Promise<Link> | null): void {
    if (this.#link !== link) return
    this.#link = null
    void link?.then((old) => old.close()).catch(() => undefined)
  }
}

/** It was not waited for any longer. */
class Overdue extends Error {
  readonly because: 'abort' | 'time'

  constructor(because: 'abort' | 'time') {
    super(because)
    this.because = because
  }
}

/** `work`, or `Overdue` once the time is over or the signal aborted. What it comes to later is lost. */
function within<T>(work: Promise<T>, milliseconds: number, signal?: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
    }
    const end = (because: Overdue['because']) => {
      settle()
      reject(new Overdue(because))
    }
    const aborted = () => end('abort')
    const timer = setTimeout(() => end('time'), milliseconds)
    signal?.addEventListener('abort', aborted, { once: true })
    if (signal?.aborted) aborted()
    work.then(
      (value) => {
        settle()
        resolve(value)
      },
      (error: unknown) => {
        settle()
        reject(error)
      },
    )
  })
}
