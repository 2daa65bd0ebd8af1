import type { RunEvent } from '../model/event.ts'
import type { Clock } from '../ports/site.ts'
import type { Lease, LoggedEvent } from '../ports/state.ts'
import type { Timer } from './batch-timeouts.ts'

/** Milliseconds between two writes: who watches a run is at most this far behind. */
const INTERVAL = 1_000

export interface RunLogOptions {
  readonly lease: Pick<Lease, 'write'>
  readonly clock: Clock
  readonly timer: Timer
}

/**
 * Keeps the events of a run in the state, for pages that watch it from another process. A write that fails is lost:
 * nothing is decided by it, and the next write of the run reports why.
 */
export class RunLog {
  readonly #options: RunLogOptions
  #events: LoggedEvent[] = []
  #last = 0
  readonly #progress = new Map<string, RunEvent>()
  #hasProgressed = false
  #cancel: (() => void) | null = null

  constructor(options: RunLogOptions) {
    this.#options = options
  }

  take(event: RunEvent): void {
    if (event.event === 'run_finished') return
    if (event.event === 'step_progress') {
      this.#progress.set(event.asset, event)
      this.#hasProgressed = true
    } else {
      if (event.event === 'step_finished') this.#progress.delete(event.asset)
      const at = this.#options.clock()
      this.#last += 1
      this.#events.push({ seq: this.#last, at, text: JSON.stringify(kept(event)) })
    }
    this.#cancel ??= this.#options.timer(INTERVAL, () => this.#write())
  }

  /** Ends the log. Returns the events that are not written yet: the end of the run writes them. */
  end(): readonly LoggedEvent[] {
    this.#cancel?.()
    this.#cancel = null
    return this.#events.splice(0)
  }

  #write(): void {
    this.#cancel = null
    const { lease, clock } = this.#options
    const events = this.#events.splice(0)
    const progress = this.#hasProgressed ? [...this.#progress.values()] : null
    this.#hasProgressed = false
    const writing = lease.write([
      ...(events.length === 0 ? [] : [{ change: 'events' as const, events }]),
      ...(progress === null
        ? []
        : [{ change: 'progress' as const, at: clock(), text: JSON.stringify(progress) }]),
    ])
    // Who writes with it in one transaction gets the same error.
    writing.catch(() => {})
  }
}

/** An event without what the step keeps of it anyway: its reasons, and the problem in full. */
function kept(event: RunEvent): object {
  switch (event.event) {
    case 'step_started': {
      const { reasons: _, ...rest } = event
      return rest
    }
    case 'step_finished': {
      const { outcome, ...rest } = event
      return { ...rest, outcome: outcome.state, rows: 'rows' in outcome ? outcome.rows : null }
    }
    default:
      return event
  }
}
