import type { Location } from '../model/location.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { Version } from '../model/version.ts'
import type { PolicyKey } from './policies.ts'

/** One asset or check in the chain of causes. */
export interface WhyNode {
  readonly asset: string
  readonly verdict: Verdict
  /** Why the node is stale. For a node that is not stale: why its last build ran. */
  readonly reasons: readonly Reason[]
  /** Nodes that explain this one: the assets of its reasons, and what it is pending on. */
  readonly causes: readonly string[]
  /** The latest build of an asset, or the latest result of a check. */
  readonly last: Materialization | CheckResult | null
  /** The build that the reader was built from, when it is not `last`. */
  readonly before: Materialization | null
  /**
   * A root cause that is no reason. `code`: an ephemeral has other code. `always_new`: a view is new in
   * each run. The other two explain a `last` that has no reasons.
   */
  readonly root: 'adopted' | 'not_deterministic' | 'code' | 'always_new' | null
  /** Location of the declaration of an asset, or of the code of a check. */
  readonly declared: Location | null
}

/** The version of an input at the last build and now; null when it is unknown. */
export interface ComparedInput {
  readonly asset: string
  readonly was: Version | null
  readonly is: Version | null
}

/** What was compared with the record of a fresh node. */
export interface Compared {
  readonly inputs: readonly ComparedInput[]
  /**
   * How the asset itself was observed. `untouched`: its change token is unchanged. `content`: its
   * content was hashed. `definition`: its definition was read. `unlooked`: it was not observed.
   */
  readonly itself: 'untouched' | 'content' | 'definition' | 'unlooked'
  /** True when the probe saw no change of its source since the load. */
  readonly source: boolean
  /** The column as far as which the probe could tell; null for a proof, or without that answer (SEMANTICS 38). */
  readonly asFarAs: string | null
}

/** The result of `assets why`. `nodes` are in topological order, the requested one last (SEMANTICS 24). */
export interface WhyReport {
  readonly asset: string
  readonly target: string
  readonly verdict: Verdict
  readonly nodes: readonly WhyNode[]
  /** The policy of the requested asset, with the place of each key. */
  readonly policies: readonly PolicyKey[]
  /** null unless the requested node is fresh. */
  readonly compared: Compared | null
  /** Set with `--offline`: when one of the nodes was last observed, milliseconds since the epoch. */
  readonly offline: { readonly seenAt: number } | null
  /** The command to type next. */
  readonly next: string
}
