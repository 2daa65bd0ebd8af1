import type { Amount, Phase, RunEvent, SecondsLeft } from '../model/event.ts'
import type { OutcomeName } from '../model/step.ts'
import { oneLine } from './text.ts'

/** A step that has started and not ended. Times are milliseconds since the epoch. */
export interface RunningStep {
  readonly name: string
  readonly batch: number
  readonly since: number
  readonly phase: Phase
  /** Empty until its kind says something. */
  readonly message: string
  readonly amount: Amount | null
}

/** What a batch waits for, since when. */
export interface BatchWait {
  readonly message: string
  readonly since: number
}

/** How far a run has got, from its events. */
export class RunProgress {
  readonly running = new Map<string, RunningStep>()
  /** By the number of the batch. */
  readonly waits = new Map<number, BatchWait>()
  readonly counts = new Map<OutcomeName, number>()
  /** The last estimate, and when it was made. */
  estimate: { readonly left: SecondsLeft; readonly untimed: number; readonly at: number } | null =
    null
  /** null before the run, and after it. */
  startedAt: number | null = null
  finished = 0
  #steps = 0
  /** Definitions that arrive during the run bring steps that its first event does not count. */
  readonly #known = new Set<string>()

  /** The steps of the run, as far as they are known. */
  get steps(): number {
    return Math.max(this.#steps, this.#known.size)
  }

  take(event: RunEvent, now: number): void {
    switch (event.event) {
      case 'run_started':
        this.#steps = event.steps
        this.startedAt = now
        return
      case 'batch_started':
        for (const step of event.steps) this.#known.add(step)
        return
      case 'batch_progress': {
        const { batch, message } = event
        if (message === null) this.waits.delete(batch)
        else this.waits.set(batch, { message: oneLine(message), since: now })
        return
      }
      case 'run_estimate': {
        const { secondsLeft, untimed } = event
        this.estimate = secondsLeft === null ? null : { left: secondsLeft, untimed, at: now }
        return
      }
      case 'step_started': {
        const { asset: name, batch, phase } = event
        const step = { name, batch, since: now, phase, message: '', amount: null }
        this.running.set(name, step)
        return
      }
      case 'step_progress': {
        const step = this.running.get(event.asset)
        if (step === undefined) return
        const { phase, message, amount = null } = event
        this.running.set(step.name, { ...step, phase, message: oneLine(message), amount })
        return
      }
      case 'step_finished': {
        const { state } = event.outcome
        this.running.delete(event.asset)
        this.#known.add(event.asset)
        this.finished += 1
        this.counts.set(state, (this.counts.get(state) ?? 0) + 1)
        return
      }
      case 'run_finished':
        this.end()
        return
      case 'step_note':
      case 'check_finished':
      case 'adopted':
      case 'comments_set':
      case 'notice':
      case 'leftover':
      case 'problem':
      case 'warning':
    }
  }

  /** Nothing runs any more. */
  end(): void {
    this.running.clear()
    this.waits.clear()
    this.startedAt = null
  }
}
