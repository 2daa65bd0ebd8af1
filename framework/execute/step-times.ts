import type { StepReport } from '../ports/batch.ts'
import type { Clock } from '../ports/site.ts'

/** When a step began and ended, milliseconds since the epoch. */
export interface Span {
  readonly startedAt: number
  readonly finishedAt: number
}

/** The times of the steps of a run: as their kind reports them, else when it reported. */
export class StepTimes {
  readonly #clock: Clock
  readonly #startedAt = new Map<number, number>()
  readonly #endedAt = new Map<number, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A step begins now. */
  begin(i: number): number {
    const at = this.#clock()
    this.#startedAt.set(i, at)
    return at
  }

  /** Takes the times that a report contains. */
  take(i: number, report: StepReport): void {
    if ('endedAt' in report && report.endedAt !== undefined) this.#endedAt.set(i, report.endedAt)
    if ('startedAt' in report && report.startedAt !== undefined) {
      this.#startedAt.set(i, report.startedAt)
    }
  }

  hasBegun(i: number): boolean {
    return this.#startedAt.has(i)
  }

  /** A step that never began took no time. */
  spanOf(i: number): Span {
    const finishedAt = this.#endedAt.get(i) ?? this.#clock()
    return { startedAt: this.#startedAt.get(i) ?? finishedAt, finishedAt }
  }
}
