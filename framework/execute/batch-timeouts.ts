import type { TimedOut } from './step-problems.ts'

/** Calls back once after some milliseconds; the returned function cancels it. */
export type Timer = (milliseconds: number, call: () => void) => () => void

interface Begun {
  readonly at: number
  readonly limit: number
  readonly cancel: () => void
}

/**
 * The time limits of the steps of one call. A step that exceeds its limit ends the whole call, because
 * an external call can't be ended in part. The other steps are tried again. Times in milliseconds
 * since the epoch.
 */
export class BatchTimeouts {
  /** Aborted with the run, and when a step exceeds its limit. */
  readonly signal: AbortSignal
  readonly #run: AbortSignal
  readonly #exceeded = new AbortController()
  readonly #timer: Timer
  readonly #begun = new Map<number, Begun>()
  readonly #late = new Set<number>()
  readonly #ended = new Set<number>()
  readonly #toRepeat = new Set<number>()

  /** `isLimited`: whether any step of the call has a limit. */
  constructor(run: AbortSignal, isLimited: boolean, timer: Timer) {
    this.#run = run
    this.#timer = timer
    this.signal = isLimited ? AbortSignal.any([run, this.#exceeded.signal]) : run
  }

  /** A step began. `limit`: milliseconds, or null. */
  begin(i: number, limit: number | null, at: number): void {
    if (limit === null) return
    const expire = () => {
      this.#late.add(i)
      this.#exceeded.abort()
    }
    this.#begun.set(i, { at, limit, cancel: this.#timer(limit, expire) })
  }

  /** A step ended. If it exceeded its limit, by how much. */
  end(i: number, at: number): TimedOut | null {
    const begun = this.#begun.get(i)
    this.#begun.delete(i)
    this.#ended.add(i)
    begun?.cancel()
    return begun !== undefined && this.#late.has(i)
      ? { limit: begun.limit, used: at - begun.at }
      : null
  }

  /** Whether a step of the call ended it, not the end of the run. */
  get isExceeded(): boolean {
    return this.#exceeded.signal.aborted && !this.#run.aborted
  }

  /** The external work of a step is done; its outcome is still to be reported. */
  stopClock(i: number): void {
    this.#begun.get(i)?.cancel()
    this.#begun.delete(i)
  }

  hasEnded(i: number): boolean {
    return this.#ended.has(i)
  }

  /** The call ended because of another step: this one is tried again. */
  repeat(i: number): void {
    this.#toRepeat.add(i)
  }

  isToRepeat(i: number): boolean {
    return this.#toRepeat.has(i)
  }

  /** The call is over. */
  close(): void {
    for (const { cancel } of this.#begun.values()) cancel()
    this.#begun.clear()
  }
}
