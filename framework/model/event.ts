import type { KindName } from './asset.ts'
import type { Problem } from './problem.ts'
import type { AdoptedBecause, LeftAt } from './record.ts'
import type { Action, Outcome, OutcomeCounts } from './step.ts'
import type { Reason } from './verdict.ts'

/** An asset that existed before this program and was recorded without a build. */
export interface AdoptedAsset {
  readonly asset: string
  readonly is: 'view' | 'table'
  readonly because: AdoptedBecause
}

/** An asset that `--vouch` names and that is built nevertheless. `because` continues "it is built: …". */
export interface LeftToBuild {
  readonly asset: string
  readonly because: string
}

/** What a step that has started does at the moment. */
export type Phase =
  | 'waiting'
  | 'running'
  | 'reading'
  | 'writing'
  | 'hashing'
  | 'checking'
  | 'publishing'

/** How far a phase has got, as its kind measures it. */
export interface Measured {
  readonly done: number
  /** null: nobody knows how much there is. */
  readonly of: number | null
  /** Whether `of` is an estimate, such as one from the statistics of a source. */
  readonly isEstimate: boolean
  readonly unit: 'rows' | 'bytes' | 'percent'
}

/** How far a phase has got, and how fast it goes. */
export interface Amount extends Measured {
  /** Over the last seconds; null while that is not known. */
  readonly perSecond: number | null
}

/** A time range in seconds: with the certain steps only, and with the possible ones. */
export interface SecondsLeft {
  readonly low: number
  readonly high: number
}

/** A check of a batch, and the asset that it is shown with: the first one that it reads. */
export interface BatchCheck {
  readonly check: string
  readonly asset: string
}

export type RunOutcome = 'succeeded' | 'failed' | 'cancelled'

/** What happens in a run, as it happens. Reports and `--json` are made of these and nothing else. */
export type RunEvent =
  | {
      readonly event: 'run_started'
      readonly run: number
      readonly target: string
      /** The destination as the warehouse describes it; absent when the target's name is enough. */
      readonly place?: string
      readonly at: number
      readonly steps: number
    }
  /** One external call begins. Its steps start later, each with a `step_started`. */
  | {
      readonly event: 'batch_started'
      readonly batch: number
      readonly kind: KindName
      readonly steps: readonly string[]
      readonly checks: readonly BatchCheck[]
    }
  /**
   * What a call waits for: `dbt: reading the project`. null: it waits no more. Batch 0 has no steps: it defines
   * assets during the run.
   */
  | { readonly event: 'batch_progress'; readonly batch: number; readonly message: string | null }
  /**
   * The expected end of the run has moved. Count down from it until the next one. `secondsLeft` is null if the
   * history has no duration of any step that is left; `untimed` is the number of those without one.
   */
  | {
      readonly event: 'run_estimate'
      readonly secondsLeft: SecondsLeft | null
      readonly untimed: number
    }
  | {
      readonly event: 'step_started'
      readonly asset: string
      readonly reasons: readonly Reason[]
      readonly batch: number
      /** `running` or `checking`; `step_progress` tells when it is another one. */
      readonly phase: Phase
    }
  | {
      readonly event: 'step_progress'
      readonly asset: string
      readonly phase: Phase
      /** For people: a sentence with its numbers. */
      readonly message: string
      readonly amount?: Amount
    }
  | { readonly event: 'step_note'; readonly asset: string; readonly message: string }
  | {
      readonly event: 'step_finished'
      readonly asset: string
      readonly action: Action
      readonly outcome: Outcome
      readonly seconds: number
    }
  | {
      readonly event: 'check_finished'
      readonly check: string
      readonly assets: readonly string[]
      readonly outcome: 'pass' | 'warn' | 'fail'
      readonly failures: number | null
      readonly problem?: Problem
    }
  /** What `--adopt` recorded without a build, before the first step, and what it was asked for and did not (SEMANTICS 43). */
  | {
      readonly event: 'adopted'
      readonly assets: readonly AdoptedAsset[]
      readonly left: readonly LeftToBuild[]
      /** Whether anything exists that was never built here. */
      readonly hasCandidates: boolean
    }
  /** The comments of these assets were set to their present words, without a build (SEMANTICS 34). */
  | { readonly event: 'comments_set'; readonly assets: readonly string[] }
  /** One line about slow work outside the steps: creating an environment, waiting for a lock. */
  | { readonly event: 'notice'; readonly message: string }
  /** A relation or file that a moved asset left at its old place, at the end of a run. */
  | {
      readonly event: 'leftover'
      readonly asset: string
      readonly is: LeftAt['is']
      readonly place: string
      /** Where the asset belongs now; null if the project has it no more. */
      readonly belongsAt: string | null
      readonly outcome: 'dropped' | 'remains'
      /** Why `--prune` does not drop it; null if it does. */
      readonly because: string | null
    }
  | { readonly event: 'problem'; readonly problem: Problem }
  /** A problem of the project that fails nothing. */
  | { readonly event: 'warning'; readonly problem: Problem }
  | {
      readonly event: 'run_finished'
      readonly run: number
      readonly outcome: RunOutcome
      readonly counts: OutcomeCounts
      readonly seconds: number
    }
