import type { RunEvent } from '../model/event.ts'
import type { Clock } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'

/**
 * Keeps the events of a run in the state, for pages that watch it from another process. Events that replace earlier ones,
 * such as how far a step is, are kept only as they are now.
 */
export class RunLog {
  readonly #lease: Pick<Lease, 'note'>
  readonly #clock: Clock
  #last = 0
  /** The last event of each kind that replaces earlier ones, by what it is about. */
  readonly #now = new Map<string, RunEvent>()

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
        this.#replace(`step ${event.asset}`, event)
        return
      case 'batch_progress':
        // No other event says that the run waited for definitions.
        if (event.batch === 0) this.#note(event, false)
        this.#replace(`batch ${event.batch}`, event.message === null ? null : event)
        return
      case 'run_estimate':
        this.#replace('estimate', event)
        return
      case 'step_finished':
        this.#note(event, this.#now.delete(`step ${event.asset}`))
        return
      default:
        this.#note(event, false)
    }
  }

  #replace(about: string, event: RunEvent | null): void {
    if (event === null) this.#now.delete(about)
    else this.#now.set(about, event)
    this.#lease.note(null, this.#progress())
  }

  #note(event: RunEvent, hasProgressed: boolean): void {
    this.#last += 1
    const logged = { seq: this.#last, at: this.#clock(), text: JSON.stringify(kept(event)) }
    this.#lease.note(logged, hasProgressed ? this.#progress() : null)
  }

  #progress() {
    return { at: this.#clock(), text: JSON.stringify([...this.#now.values()]) }
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
