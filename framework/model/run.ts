import type { RunOutcome } from './event.ts'
import type { Problem } from './problem.ts'
import type { Action, OutcomeName } from './step.ts'
import type { Reason } from './verdict.ts'

/** Some steps of a run, with the total time that they took when they last ran. */
export interface Share {
  readonly steps: number
  readonly seconds: number
  /** Steps without a recorded time. `seconds` does not include them. */
  readonly untimed: number
}

/** The work that a run did and the work that it skipped, compared with building everything requested. */
export interface RunSavings {
  readonly worked: Share
  /** Not run: their code and inputs had not changed. */
  readonly fresh: Share
  /** Not loaded: the probe of the source proved that nothing changed. */
  readonly unchanged: Share
  /** Not run although an ancestor was built: their inputs came out the same. */
  readonly released: Share
}

export interface RunSummary {
  readonly run: number
  readonly target: string
  readonly command: string
  readonly job: string | null
  readonly startedAt: number
  readonly finishedAt: number | null
  /** `running`, or `interrupted` when its process is gone. */
  readonly outcome: RunOutcome | 'running' | 'interrupted'
  readonly counts: Readonly<Partial<Record<OutcomeName, number>>>
  /** null for a run that builds nothing, has not ended, was interrupted, or predates savings data. */
  readonly savings: RunSavings | null
}

export interface StepSummary {
  readonly name: string
  readonly action: Action
  readonly outcome: OutcomeName
  readonly batch: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly rows: number | null
  readonly reasons: readonly Reason[]
  readonly reference: string | null
  readonly problem: Problem | null
  /** `pass`, `warn` or `fail` of a check, or what blocked the step. */
  readonly note: string | null
}

export interface RunDetail extends RunSummary {
  readonly steps: readonly StepSummary[]
}
