import type { TimedOut } from './step-problems.ts'

/** Calls back once after some milliseconds; the answer cancels it. */
export type Later = (milliseconds: number, call: () => void) => () => void

interface Begun {
  readonly at: number
  readonly limit: number
  readonly cancel: () => void
}

/**
 * Watches over the steps of one call. One that takes longer than it may ends the whole call, since what
 * the outside does in one it can't end in part; the others are spared, to be tried again. Times in
 * milliseconds since the epoch.
 */
export class BatchTimeouts {
  /** Aborted when the run is, and when a step took too long. */
  readonly signal: AbortSignal
  readonly #run: AbortSignal
  readonly #cut = new AbortController()
  readonly #later: Later
  readonly #begun = new Map<number, Begun>()
  readonly #late = new Set<number>()
  readonly #ended = new Set<number>()
  readonly #spared = new Set<number>()

  /** `isLimited`: whether any step of the call has a limit. */
  constructor(run: AbortSignal, isLimited: boolean, later: Later) {
    this.#run = run
    this.#later = later
    this.signal = isLimited ? AbortSignal.any([run, this.#cut.signal]) : run
  }

  /** A step began that may take `limit` milliseconds; null for any time. */
  begin(index: number, limit: number | null, at: number): void {
    if (limit === null) return
    const expire = () => {
      this.#late.add(index)
      this.#cut.abort()
    }
    this.#begun.set(index, { at, limit, cancel: this.#later(limit, expire) })
  }

  /** A step ended; tells by how much it was late when that is why. */
  end(index: number, at: number): TimedOut | null {
    const begun = this.#begun.get(index)
    this.#begun.delete(index)
    this.#ended.add(index)
    begun?.cancel()
    return begun !== undefined && this.#late.has(index)
      ? { limit: begun.limit, used: at - begun.at }
      : null
  }

  /** Whether the call was ended for a step of it, and not because the run was. */
  get isCut(): boolean {
    return this.#cut.signal.aborted && !this.#run.aborted
  }

  /** What takes time is over; how it ended is still to be heard. */
  rest(index: number): void {
    this.#begun.get(index)?.cancel()
    this.#begun.delete(index)
  }

  /** Whether anything was heard of how it ended. */
  hasEnded(index: number): boolean {
    return this.#ended.has(index)
  }

  spare(index: number): void {
    this.#spared.add(index)
  }

  isSpared(index: number): boolean {
    return this.#spared.has(index)
  }

  /** The call is over. */
  close(): void {
    for (const { cancel } of this.#begun.values()) cancel()
    this.#begun.clear()
  }
}
