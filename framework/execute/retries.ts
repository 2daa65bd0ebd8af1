import type { Clock } from '../ports/site.ts'
import { delayBefore } from './backoff.ts'
import type { Timer } from './batch-timeouts.ts'

/** How many times a step is tried again after a transient failure, without `retries:` in its policy. */
export const DEFAULT_RETRIES = 2

/** Milliseconds: the first wait, the longest wait, and how long after the first failure a try may start. */
const BACKOFF = { baseMs: 1_000, capMs: 60_000, withinMs: 3_600_000 }

/** Counts the failures of the steps of a run, and holds those that wait for their next try. */
export class Retries {
  readonly #clock: Clock
  readonly #timer: Timer
  readonly #random: () => number
  readonly #failures = new Map<number, { readonly count: number; readonly since: number }>()
  /** By step: ends its wait. */
  readonly #waits = new Map<number, () => void>()

  constructor(clock: Clock, timer: Timer, random: () => number) {
    this.#clock = clock
    this.#timer = timer
    this.#random = random
  }

  /** Counts a failure. Milliseconds until the next try, or null after `retries` of them. */
  delayAfter(i: number, retries: number): number | null {
    const now = this.#clock()
    const { count, since } = this.#failures.get(i) ?? { count: 0, since: now }
    this.#failures.set(i, { count: count + 1, since })
    const failures = { count: count + 1, elapsed: now - since }
    return delayBefore(failures, { ...BACKOFF, retries }, this.#random)
  }

  /** Resolves after that many milliseconds, or at `endWaits`. */
  async wait(i: number, milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#timer(milliseconds, resolve)
      this.#waits.set(i, () => {
        cancel()
        resolve()
      })
    })
    this.#waits.delete(i)
  }

  endWaits(): void {
    for (const end of this.#waits.values()) end()
  }
}
