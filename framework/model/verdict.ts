import type { CodePart } from './definition.ts'
import type { Version } from './version.ts'

/**
 * Why an asset or a check is stale, in the order in which reasons are shown.
 */
export const REASONS = [
  'missing',
  'code',
  'deps',
  'data',
  'source',
  'expired',
  'drifted',
  'interrupted',
  'failed',
  'unchecked',
  'shared',
  'unknown',
  'forced',
] as const
export type ReasonName = (typeof REASONS)[number]

export interface Reason {
  readonly reason: ReasonName
  /** The input that it is about. */
  readonly asset?: string
  readonly check?: string
  readonly from?: Version
  readonly to?: Version
  /** Of a virtual `asset`, in the history of a run: what had changed below it (SEMANTICS 24e). */
  readonly moved?: readonly string[]
  /** The parts of the code version that differ. */
  readonly parts?: readonly CodePart[]
  readonly message: string
}

export type Verdict =
  | { readonly state: 'fresh' }
  | { readonly state: 'stale'; readonly reasons: readonly [Reason, ...Reason[]] }
  /** May be built; known once these direct inputs (or gates) are. */
  | { readonly state: 'pending'; readonly on: readonly string[] }
  /** A check that reads an asset that is neither fresh nor in this run. No failure (SEMANTICS 17). */
  | { readonly state: 'waiting'; readonly on: readonly string[] }
  /** Under a live lease: another run is building it now. */
  | { readonly state: 'building'; readonly run: number }
