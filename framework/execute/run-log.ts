import type { RunEvent } from '../model/event.ts'
import type { Clock } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'

/** Keeps the events of a run in the state, for pages that watch it from another process. */
export class RunLog {
  readonly #lease: Pick<Lease, 'note'>
  readonly #clock: Clock
  #last = 0
  /** The last progress of each running step. */
  readonly #progress = new Map<string, RunEvent>()

  constructor(lease: Pick<Lease, 'note'>, clock: Clock) {
    this.#lease = lease
    this.#clock = clock
  }

  take(event: RunEvent): void {
    switch (event.event) {
      // The row of the run says it.
      case 'run_finished':
        return
      case 'step_progress':
        this.#progress.set(event.asset, event)
        return this.#note(null, true)
      case 'step_finished':
        return this.#note(event, this.#progress.delete(event.asset))
      default:
        this.#note(event, false)
    }
  }

  #note(event: RunEvent | null, hasProgressed: boolean): void {
    const at = this.#clock()
    const progress = hasProgressed
      ? { at, text: JSON.stringify([...this.#progress.values()]) }
      : null
    if (event === null) return this.#lease.note(null, progress)
    this.#last += 1
    this.#lease.note({ seq: this.#last, at, text: JSON.stringify(kept(event)) }, progress)
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
