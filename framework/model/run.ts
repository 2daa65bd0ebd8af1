import type { RunOutcome } from './event.ts'
import type { Problem } from './problem.ts'
import type { Action, OutcomeName } from './step.ts'
import type { Reason } from './verdict.ts'

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
