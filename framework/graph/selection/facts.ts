import type { Asset } from '../../model/asset.ts'
import type { DbtGraph } from '../../model/dbt-facts.ts'
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

/** Everything that selections are evaluated on. `state` is called only for methods that need it. */
export interface SelectionFacts {
  readonly graph: Graph
  readonly assets: { get(name: string): Asset | undefined }
  readonly definitions: ReadonlyMap<string, Definition>
  /** `selectors:` of the project, by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  /** Needed only if `needsDbt` is true for the selection. */
  readonly dbt: DbtGraph
  /** Called only if `needsState` is true for the selection. */
  state(name: string): StateFacts
}
