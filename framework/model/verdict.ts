import type { CodePart } from './definition.ts'
import type { Version } from './version.ts'

/**
 * Why an asset or a check is stale, in the order in which they are shown.
 * `message` is a sentence part for people, without the asset's name: "never built".
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
  /** Which ingredients of the code version differ. */
  readonly parts?: readonly CodePart[]
  readonly message: string
}

export type Verdict =
  | { readonly state: 'fresh' }
  | { readonly state: 'stale'; readonly reasons: readonly [Reason, ...Reason[]] }
  /** May be built; known once these direct inputs (or gates) are. */
  | { readonly state: 'pending'; readonly on: readonly string[] }
  /** A check that reads something neither fresh nor in this run: said, not failed (SEMANTICS 17). */
  | { readonly state: 'waiting'; readonly on: readonly string[] }
  /** Under a live lease: another run is building it now. */
  | { readonly state: 'building'; readonly run: number }
