import type { Json } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Selector } from '../../model/selector.ts'
import type { OutcomeName } from '../../model/step.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Graph } from '../graph.ts'

/** What dbt's own selection methods look at, of an asset or a check that dbt builds or runs. */
export interface DbtFacts {
  /** `model`, `seed`, `snapshot`, `source`, `test`, `unit_test`. */
  readonly resourceType: string
  readonly package: string
  /** Package first, name last; for a versioned model the name and then `v2`. */
  readonly fqn: readonly string[]
  /** Relative to the dbt project: `models/marts/fact_payment.sql`. */
  readonly path: string
  /** The YAML file that describes it, relative to the dbt project. */
  readonly patchPath: string | null
  readonly tags: readonly string[]
  readonly config: Readonly<Record<string, Json>>
  readonly group: string | null
  /** `public`, `protected` or `private`; null where dbt knows none. */
  readonly access: string | null
  /** Where a model stands among its versions; null for what is no model. */
  readonly version: 'latest' | 'prerelease' | 'old' | 'none' | null
  /** For an asset that fills a dbt source. */
  readonly source: { readonly name: string; readonly table: string } | null
  readonly test: {
    readonly type: 'generic' | 'singular' | 'unit'
    /** The generic test's name: `not_null`. */
    readonly name: string
  } | null
  /** What of dbt's reads it directly without being an asset: `package.name` by resource type. */
  readonly readBy: Readonly<Partial<Record<DbtReader, readonly string[]>>>
}

export type DbtReader = 'exposure' | 'metric' | 'semantic_model' | 'saved_query'

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
  readonly assets: ReadonlyMap<string, Asset>
  readonly definitions: ReadonlyMap<string, Definition>
  /** `selectors:` of the project, by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  /** null for an asset or check that is not dbt's. */
  dbt(name: string): DbtFacts | null
  /** Only asked when `needsState` says so of the selection. */
  state(name: string): StateFacts
}
