import type { Problem } from './problem.ts'
import type { Reason } from './verdict.ts'
import type { Version } from './version.ts'

export type Action = 'build' | 'check' | 'adopt'

/** A step of a plan: an asset or check that is certain (`stale`) or may have (`pending`) to run. */
export interface PlanStep {
  /** The asset's or the check's name. */
  readonly asset: string
  readonly action: Action
  /** Whether it is built in full, or on top of its existing content (SEMANTICS 10). */
  readonly full: boolean
  readonly verdict: 'stale' | 'pending'
  readonly reasons: readonly Reason[]
  readonly pendingOn: readonly string[]
  /** Steps with the same number are expected to share one external call. */
  readonly batch: number
  /** The pool that limits it, if there is one. */
  readonly pool?: string
  /** Of a check: the asset whose policy keeps it from blocking. */
  readonly waivedBy?: string
}

/** How a step ended. */
export type Outcome =
  | { readonly state: 'built'; readonly version: Version | null; readonly rows: number | null }
  /** Ran, and gave the same content as before. */
  | { readonly state: 'unchanged'; readonly version: Version | null; readonly rows: number | null }
  | {
      readonly state: 'checked'
      readonly result: 'pass' | 'warn'
      readonly failures: number | null
    }
  | { readonly state: 'adopted'; readonly version: Version | null; readonly rows: number | null }
  /** Not run, because its inputs came out the same. */
  | { readonly state: 'released' }
  | {
      readonly state: 'failed'
      readonly problem: Problem
      /**
       * Set if a call failed as a whole. Of the first of its steps: all steps that failed with it, by name. Of the
       * others: none, and `problem` has no more than its message.
       */
      readonly together?: readonly string[]
    }
  | { readonly state: 'blocked'; readonly by: string }
  | { readonly state: 'cancelled' }

export type OutcomeName = Outcome['state']

/** The number of steps by outcome. */
export type OutcomeCounts = Readonly<Record<OutcomeName, number>>

export const NO_OUTCOMES: OutcomeCounts = {
  built: 0,
  unchanged: 0,
  checked: 0,
  adopted: 0,
  released: 0,
  failed: 0,
  blocked: 0,
  cancelled: 0,
}
