import type { Asset } from '../../model/asset.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import type { Definition } from '../../model/definition.ts'
import type { Selector } from '../../model/selector.ts'
import type { OutcomeName } from '../../model/step.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Graph } from '../graph.ts'

/** The state of a node, for `state:`, `status:`, `result:` and `source_status:`. */
export interface StateFacts {
  readonly verdict: Verdict
  /** Whether the asset was ever built, or the check ever run. */
  readonly recorded: boolean
  /** The outcome of its last step or check run. */
  readonly outcome: OutcomeName | 'pass' | 'warn' | 'fail' | null
}

/** Everything that selections are evaluated on. Callbacks are only called for methods that need them. */
export interface SelectionFacts {
  readonly graph: Graph
  readonly assets: { get(name: string): Asset | undefined }
  readonly definitions: ReadonlyMap<string, Definition>
  /** `selectors:` of the project, by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  /** dbt's manifest facts; null for an asset or check that is not dbt's. */
  dbt(name: string): DbtFacts | null
  /** Called only if `needsState` is true for the selection. */
  state(name: string): StateFacts
}
