import type { RunOutcome } from './event.ts'
import type { Problem } from './problem.ts'
import type { Action, OutcomeName } from './step.ts'
import type { Reason } from './verdict.ts'

/** Some steps of a run, with what each took when it last ran. */
export interface Share {
  readonly steps: number
  readonly seconds: number
  /** Steps that were never timed; `seconds` is without them. */
  readonly untimed: number
}

/** What a run did and what it was spared, against building all that it was asked for. */
export interface RunSavings {
  readonly worked: Share
  /** Left alone: nothing that they are made of had changed. */
  readonly fresh: Share
  /** Not loaded: their source was asked and proved that nothing moved. */
  readonly unchanged: Share
  /** Not run, though something above them was: their inputs came out the same. */
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
  /** null for a run that builds nothing, is under way or was cut off, or is older than this account. */
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
  /** `pass`, `warn` or `fail` of a check, or who blocked it. */
  readonly note: string | null
}

export interface RunDetail extends RunSummary {
  readonly steps: readonly StepSummary[]
}
