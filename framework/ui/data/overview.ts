import type { DbtFacts, DbtReader } from '../../model/dbt-facts.ts'
import type { Form } from '../../model/definition.ts'
import type { Selector } from '../../model/selector.ts'
import type { Reason, Verdict } from '../../model/verdict.ts'

// What the page shows before anything is clicked: the graph with the verdict of each node.

/** The mark that a node has on the page. `failed`: stale, and its last step failed or was interrupted. */
export type MarkName = 'fresh' | 'stale' | 'pending' | 'building' | 'failed'

export interface Overview {
  readonly project: string
  readonly target: string
  /** When the newest of these facts was recorded, milliseconds since the epoch; 0 if nothing was ever recorded. */
  readonly seenAt: number
  /** In topological order. */
  readonly assets: readonly OverviewAsset[]
  readonly checks: readonly OverviewCheck[]
  /** What selections look at, besides the assets themselves. */
  readonly selecting: Selecting
}

export interface OverviewAsset {
  readonly name: string
  readonly kind: string
  readonly group: string | null
  /** null while it is not known: dbt's project was not parsed yet. */
  readonly form: Form | null
  /** Indices in `assets`, each lower than its own. */
  readonly inputs: readonly number[]
  readonly mark: MarkName
  readonly verdict: Verdict
  readonly last: LastBuild | null
  readonly owners: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  /** The YAML file that declares it. */
  readonly file: string
  readonly relation: string | null
}

export interface LastBuild {
  readonly run: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly seconds: number
  readonly rows: number | null
  readonly how: 'built' | 'unchanged' | 'adopted'
}

export interface OverviewCheck {
  readonly name: string
  readonly severity: 'error' | 'warn'
  /** Indices in `assets`. */
  readonly reads: readonly number[]
  readonly verdict: Verdict
  /** Of its last run; null if it never ran. */
  readonly outcome: 'pass' | 'warn' | 'fail' | null
}

export interface Selecting {
  /** `selectors:` of the project. */
  readonly selectors: Readonly<Record<string, Selector>>
  /** The entries of a `DbtGraph`. */
  readonly nodes: readonly (readonly [name: string, facts: readonly DbtFacts[]])[]
  readonly readers: readonly (readonly [id: string, reader: DbtReader])[]
}

/** The mark of a verdict. */
export function markOf(verdict: Verdict): MarkName {
  switch (verdict.state) {
    case 'fresh':
    case 'pending':
    case 'building':
      return verdict.state
    case 'waiting':
      return 'pending'
    case 'stale':
      return verdict.reasons.some(isFailure) ? 'failed' : 'stale'
  }
}

function isFailure({ reason }: Reason): boolean {
  return reason === 'failed' || reason === 'interrupted'
}

/** The nodes that a verdict names as its causes. */
export function causesOf(verdict: Verdict): readonly string[] {
  switch (verdict.state) {
    case 'pending':
    case 'waiting':
      return verdict.on
    case 'stale':
      return verdict.reasons.flatMap(({ asset, check }) => asset ?? check ?? [])
    case 'fresh':
    case 'building':
      return []
  }
}
