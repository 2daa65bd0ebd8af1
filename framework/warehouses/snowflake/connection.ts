import { ProblemError } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import { type DriverSession, logIn, type SendOptions, type Statement } from './driver.ts'
import { type AccountLabel, isSessionExpired } from './problems.ts'
import type { SnowflakeSettings } from './settings.ts'

/** After this long without a statement, the session is checked before it is used. */
const CHECK_IDLE_AFTER_MS = 5 * 60_000
/** How long to wait for a cancelled statement to end, and for the check of an idle session. */
const CANCEL_TIMEOUT_MS = 10_000
/** How long an unused session stays open, so the next user need not log in. */
const KEEP_UNUSED_MS = 30_000

/**
 * The one session that this process has with an account. It is opened at the first use, and again after
 * the service has expired it. Timeouts are enforced here, because the driver retries forever.
 *
 *   none → (log in) → open → (390111, or idle and expired) → none
 */
export class SharedConnection {
  readonly #settings: SnowflakeSettings
  readonly #label: AccountLabel
  readonly #clock: Clock
  #session: Promise<DriverSession> | null = null
  #usedAt = 0
  #users = 0
  #closing: NodeJS.Timeout | undefined

  constructor(settings: SnowflakeSettings, label: AccountLabel, clock: Clock) {
    this.#settings = settings
    this.#label = label
    this.#clock = clock
  }

  /** Begins a use, which ends with `release`. */
  retain(): void {
    this.#users++
    clearTimeout(this.#closing)
  }

  release(): void {
    this.#users--
    if (this.#users > 0) return
    this.#closing = setTimeout(() => this.#drop(this.#session), KEEP_UNUSED_MS).unref()
  }

  /**
   * Logs in unless the session is open. Rejects with the driver's error, or a `ProblemError`: `cancelled`,
   * `warehouse-timeout`.
   */
  async open(signal: AbortSignal): Promise<void> {
    await this.#opened(signal)
  }

  /**
   * Runs one statement. An abort or the timeout also cancels it in the service. Rejects with the driver's
   * error, or a `ProblemError`: `cancelled`, `warehouse-timeout`.
   */
  async run(sql: string, options: SendOptions, signal: AbortSignal): Promise<Statement> {
    for (let isRetry = false; ; isRetry = true) {
      const session = await this.#opened(signal)
      const current = this.#session
      try {
        const statement = await this.#send(session, sql, options, signal)
        this.#usedAt = this.#clock()
        return statement
      } catch (error) {
        if (isRetry || signal.aborted || !isSessionExpired(error)) throw error
        this.#drop(current)
      }
    }
  }

  async #opened(signal: AbortSignal): Promise<DriverSession> {
    const current = this.#session
    const known = await current?.catch(() => null)
    if (known && (await this.#isUsable(known))) return known
    if (current !== null) this.#drop(current)
    this.#session ??= this.#logIn(signal)
    const session = this.#session
    // After a failed login the next use tries again.
    session.catch(() => this.#drop(session))
    return session
  }

  async #isUsable(session: DriverSession): Promise<boolean> {
    if (!session.isUp()) return false
    const isIdle = this.#clock() - this.#usedAt > CHECK_IDLE_AFTER_MS
    return !isIdle || withTimeout(session.isAlive(), CANCEL_TIMEOUT_MS).catch(() => false)
  }

  async #logIn(signal: AbortSignal): Promise<DriverSession> {
    const session = logIn(this.#settings)
    const { loginTimeout } = this.#settings
    try {
      const opened = await withTimeout(session, loginTimeout, signal)
      this.#usedAt = this.#clock()
      return opened
    } catch (error) {
      // A login that succeeds after the timeout must not leave a session open.
      if (error instanceof GaveUp) void session.then((late) => late.close()).catch(() => undefined)
      throw error instanceof GaveUp ? this.#gaveUp(error, 'log in', loginTimeout) : error
    }
  }

  async #send(
    session: DriverSession,
    sql: string,
    options: SendOptions,
    signal: AbortSignal,
  ): Promise<Statement> {
    const { statementTimeout } = this.#settings
    const { done, cancel } = session.send(sql, options)
    try {
      return await withTimeout(done, statementTimeout, signal)
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error
      cancel()
      await withTimeout(done, CANCEL_TIMEOUT_MS).catch(() => undefined)
      throw this.#gaveUp(error, 'answer a statement', statementTimeout)
    }
  }

  #gaveUp({ because }: GaveUp, what: string, milliseconds: number): ProblemError {
    const { name } = this.#label
    if (because === 'abort') {
      return new ProblemError({ code: 'cancelled', message: `the work on ${name} was cancelled` })
    }
    return new ProblemError({
      code: 'warehouse-timeout',
      message: `${name} took longer than ${milliseconds / 1000} s to ${what}`,
      hint:
        what === 'log in'
          ? 'check the account and the network, or raise `login_timeout` of the warehouse'
          : 'check whether the virtual warehouse is suspended or overloaded, or raise `statement_timeout` of the warehouse',
      transient: true,
    })
  }

  #drop(session: Promise<DriverSession> | null): void {
    if (this.#session !== session) return
    this.#session = null
    void session?.then((old) => old.close()).catch(() => undefined)
  }
}

/** Waiting ended before the work did. */
class GaveUp extends Error {
  readonly because: 'abort' | 'time'

  constructor(because: 'abort' | 'time') {
    super(because)
    this.because = because
  }
}

/** Waits for `work`. Rejects with `GaveUp` after the time or when the signal aborts. */
function withTimeout<T>(work: Promise<T>, milliseconds: number, signal?: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stopWaiting = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
    }
    const end = (because: GaveUp['because']) => {
      stopWaiting()
      reject(new GaveUp(because))
    }
    const aborted = () => end('abort')
    const timer = setTimeout(() => end('time'), milliseconds)
    signal?.addEventListener('abort', aborted, { once: true })
    if (signal?.aborted) aborted()
    work.then(
      (value) => {
        stopWaiting()
        resolve(value)
      },
      (error: unknown) => {
        stopWaiting()
        reject(error)
      },
    )
  })
}
