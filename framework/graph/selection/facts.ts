import type { Asset } from '../../model/asset.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import type { Definition } from '../../model/definition.ts'
import type { Selector } from '../../model/selector.ts'
import type { OutcomeName } from '../../model/step.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Graph } from '../graph.ts'

/** What `state:`, `status:`, `result:` and `source_status:` look at. */
export interface StateFacts {
  readonly verdict: Verdict
  /** Whether it was ever built, or a check ever run. */
  readonly recorded: boolean
  /** How it ended in the last run that had it. */
  readonly outcome: OutcomeName | 'pass' | 'warn' | 'fail' | null
}

/** All that a selection may ask about. The callbacks are asked only by methods that need them. */
export interface SelectionFacts {
  readonly graph: Graph
  readonly assets: { get(name: string): Asset | undefined }
  readonly definitions: ReadonlyMap<string, Definition>
  /** `selectors:` of the project, by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  /** null for an asset or check that is not dbt's. */
  dbt(name: string): DbtFacts | null
  /** Only asked when `needsState` says so of the selection. */
  state(name: string): StateFacts
}
