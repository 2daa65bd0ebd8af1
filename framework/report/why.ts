import type { Place } from '../model/place.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'

/** One asset or check in the chain of causes. */
export interface WhyNode {
  readonly asset: string
  readonly verdict: Verdict
  /** Why it is stale now; for one that is not, why its last build ran. */
  readonly reasons: readonly Reason[]
  /** Nodes that explain it further: the assets its reasons name, what it is pending on. */
  readonly causes: readonly string[]
  /** Its latest build, or a check's latest result. */
  readonly last: Materialization | CheckResult | null
  /** The build whose output the node below had seen, when that is not `last`. */
  readonly before: Materialization | null
  /** Where its code or its declaration stands, for reasons that have no file of their own. */
  readonly declared: Place | null
}

/** What `why` shows. `nodes` are in topological order, the asked one last (SEMANTICS 24). */
export interface WhyReport {
  readonly asset: string
  readonly target: string
  readonly verdict: Verdict
  readonly nodes: readonly WhyNode[]
}
