import type { Problem } from './problem.ts'
import type { Reason } from './verdict.ts'
import type { Version } from './version.ts'

export type Action = 'build' | 'check' | 'adopt'

/** A step of a plan: one asset or check that will, or may, be worked on. */
export interface PlanStep {
  /** The asset's or the check's name. */
  readonly asset: string
  readonly action: Action
  /** In full, or on top of its own content (SEMANTICS 10). */
  readonly full: boolean
  readonly verdict: 'stale' | 'pending'
  readonly reasons: readonly Reason[]
  readonly pendingOn: readonly string[]
  /** Steps with one number are expected to be served by one external call. */
  readonly batch: number
  readonly estimateSeconds: number | null
  /** The pool whose places it shares, where it has one. */
  readonly pool?: string
  /** Of a check: the asset by whose policy it holds nothing back. */
  readonly waivedBy?: string
}

/** How a step ended. */
export type Outcome =
  | { readonly state: 'built'; readonly version: Version | null; readonly rows: number | null }
  /** Ran, and gave the content that was there before. */
  | { readonly state: 'unchanged'; readonly version: Version | null; readonly rows: number | null }
  | {
      readonly state: 'checked'
      readonly result: 'pass' | 'warn'
      readonly failures: number | null
    }
  | { readonly state: 'adopted'; readonly version: Version | null; readonly rows: number | null }
  /** Not run: its inputs came out the same. */
  | { readonly state: 'released' }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'blocked'; readonly by: string }
  | { readonly state: 'cancelled' }

export type OutcomeName = Outcome['state']

/** How many steps ended in which way. */
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
