import type { Json } from '../lib/json.ts'

/** What dbt's own selection methods look at, of an asset or a check that dbt builds or runs. */
export interface DbtFacts {
  /** `model`, `seed`, `snapshot`, `source`, `test`, `unit_test`. */
  readonly resourceType: string
  readonly package: string
  /** Package first, name last; for a versioned model the name and then `v2`. */
  readonly fqn: readonly string[]
  /** Relative to its package: `models/marts/fact_payment.sql`. */
  readonly path: string
  /** The same relative to the project root: `dbt/models/marts/fact_payment.sql`. */
  readonly file: string
  /** The YAML file that describes it, relative to its package. */
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
