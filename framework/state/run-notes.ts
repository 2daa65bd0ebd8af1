import type { LoggedEvent, Progress } from '../ports/state.ts'
import type { Transaction } from './database.ts'
import { logEvents, noteProgress } from './run-events.ts'

/** Milliseconds between two writes: who watches a run is at most this far behind. */
const INTERVAL = 1_000

/** What is to be noted of a run and is not written yet. */
export class RunNotes {
  readonly #flush: () => Promise<unknown>
  #events: LoggedEvent[] = []
  #progress: Progress | null = null
  #timer: NodeJS.Timeout | null = null
  #hasEnded = false

  /** `flush`: calls `write` in a transaction of the run. It is called some time after something was noted. */
  constructor(flush: () => Promise<unknown>) {
    this.#flush = flush
  }

  take(event: LoggedEvent | null, progress: Progress | null): void {
    if (this.#hasEnded) return
    if (event !== null) this.#events.push(event)
    if (progress !== null) this.#progress = progress
    // A failed write is not a problem of the run: its next change reports it.
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      void this.#flush()
    }, INTERVAL).unref()
  }

  /** Writes all that is noted. */
  async write(tx: Transaction, target: string, run: number): Promise<void> {
    const [events, progress] = [this.#events, this.#progress]
    this.#events = []
    this.#progress = null
    await logEvents(tx, target, run, events)
    if (progress !== null) await noteProgress(tx, target, run, progress)
  }

  /** Nothing is noted from now on. */
  end(): void {
    this.#hasEnded = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
