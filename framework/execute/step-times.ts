import type { StepReport } from '../ports/batch.ts'
import type { Clock } from '../ports/site.ts'

/** When a step began and ended, milliseconds since the epoch. */
export interface Span {
  readonly startedAt: number
  readonly finishedAt: number
}

/** When the steps of a run began and ended: as their kind tells, else as it was heard of. */
export class StepTimes {
  readonly #clock: Clock
  readonly #startedAt = new Map<number, number>()
  readonly #endedAt = new Map<number, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A step begins now. */
  begin(index: number): number {
    const at = this.#clock()
    this.#startedAt.set(index, at)
    return at
  }

  /** Takes the times that a report tells of. */
  hear(index: number, report: StepReport): void {
    if ('endedAt' in report && report.endedAt !== undefined) {
      this.#endedAt.set(index, report.endedAt)
    }
    if ('startedAt' in report && report.startedAt !== undefined) {
      this.#startedAt.set(index, report.startedAt)
    }
  }

  hasBegun(index: number): boolean {
    return this.#startedAt.has(index)
  }

  /** What never began has taken no time. */
  spanOf(index: number): Span {
    const finishedAt = this.#endedAt.get(index) ?? this.#clock()
    return { startedAt: this.#startedAt.get(index) ?? finishedAt, finishedAt }
  }
}
