import type { Json } from '../lib/json.ts'

/** What dbt's selection methods compare: facts of dbt's manifest about one asset or check. */
export interface DbtFacts {
  /** `model`, `seed`, `snapshot`, `function`, `source`, `test`, `unit_test`. */
  readonly resourceType: string
  readonly package: string
  /** From the package to the name. A versioned model ends in its name and `v2`. */
  readonly fqn: readonly string[]
  /** Relative to its package: `models/marts/fact_payment.sql`. */
  readonly path: string
  /** The same file, relative to the project root: `dbt/models/marts/fact_payment.sql`. */
  readonly file: string
  /** The dbt YAML file that describes it, relative to its package. */
  readonly patchPath: string | null
  readonly tags: readonly string[]
  readonly config: Readonly<Record<string, Json>>
  readonly group: string | null
  /** `public`, `protected` or `private`; null where dbt reports none. */
  readonly access: string | null
  /** A model's position among its versions; null for anything but a model. */
  readonly version: 'latest' | 'prerelease' | 'old' | 'none' | null
  /** The dbt source that the asset loads; null for none. */
  readonly source: { readonly name: string; readonly table: string } | null
  readonly test: {
    readonly type: 'generic' | 'singular' | 'unit'
    /** The name of the generic test: `not_null`. */
    readonly name: string
  } | null
  /** dbt resources that read it directly and are not assets: `package.name` by resource type. */
  readonly readBy: Readonly<Partial<Record<DbtReader, readonly string[]>>>
}

export type DbtReader = 'exposure' | 'metric' | 'semantic_model' | 'saved_query'
