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
  | {
      readonly event: 'step_started'
      readonly asset: string
      readonly reasons: readonly Reason[]
      readonly batch: number
    }
  | { readonly event: 'step_progress'; readonly asset: string; readonly message: string }
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
