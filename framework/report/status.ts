import type { KindName } from '../model/asset.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Verdict } from '../model/verdict.ts'

export interface StatusAsset {
  readonly name: string
  readonly kind: KindName
  readonly group: string | null
  readonly verdict: Verdict
  readonly last: Materialization | null
}

export interface StatusCheck {
  readonly name: string
  readonly reads: readonly string[]
  readonly severity: 'error' | 'warn'
  readonly verdict: Verdict
  readonly last: CheckResult | null
}

/** What `status` found: each asset and check of the selection, in topological order. */
export interface StatusReport {
  readonly project: string
  readonly target: string
  /** Milliseconds since the epoch; offline: when it was looked at last. */
  readonly observedAt: number
  /** From records alone. */
  readonly offline: boolean
  readonly assets: readonly StatusAsset[]
  readonly checks: readonly StatusCheck[]
}
