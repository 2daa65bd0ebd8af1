import type { Clock } from '../ports/site.ts'
import { delayBefore } from './backoff.ts'
import type { Later } from './batch-timeouts.ts'

const BACKOFF = { baseMs: 1_000, capMs: 60_000, withinMs: 3_600_000 }

/** How often steps of a run have failed, and which of them wait to be tried again. */
export class Retries {
  readonly #clock: Clock
  readonly #later: Later
  readonly #random: () => number
  readonly #failures = new Map<number, { readonly count: number; readonly since: number }>()
  /** Each ends its wait when it is called. */
  readonly #waits = new Map<number, () => void>()

  constructor(clock: Clock, later: Later, random: () => number) {
    this.#clock = clock
    this.#later = later
    this.#random = random
  }

  /** A step failed that may be tried `retries` times: milliseconds until the next try, null for none. */
  delayAfter(index: number, retries: number): number | null {
    const now = this.#clock()
    const { count, since } = this.#failures.get(index) ?? { count: 0, since: now }
    this.#failures.set(index, { count: count + 1, since })
    const failures = { count: count + 1, elapsed: now - since }
    return delayBefore(failures, { ...BACKOFF, retries }, this.#random)
  }

  /** Resolves after that many milliseconds, or when all waits are ended. */
  async wait(index: number, milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#later(milliseconds, resolve)
      this.#waits.set(index, () => {
        cancel()
        resolve()
      })
    })
    this.#waits.delete(index)
  }

  /** What waits has waited enough. */
  endWaits(): void {
    for (const end of this.#waits.values()) end()
  }
}
