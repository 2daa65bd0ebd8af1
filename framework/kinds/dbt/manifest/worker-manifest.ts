import type { Json } from '../../../lib/json.ts'
import type { DbtReader } from '../../../model/dbt-facts.ts'

/**
 * What the worker reports about a parsed project (`manifest_facts` in worker_manifest.py). Files are
 * relative to their package.
 */
export interface ManifestFacts {
  readonly dbt: string
  /** The type of the profile's output: `duckdb`, `snowflake`. */
  readonly adapter: string
  /** Name of the root package. */
  readonly project: string
  /** The project and its installed packages, without those that are part of dbt. */
  readonly packages: Readonly<
    Record<string, { readonly root: string; readonly vars: Readonly<Record<string, Json>> }>
  >
  /** Folders that dbt reads, relative to the project. */
  readonly paths: readonly string[]
  readonly env_vars: readonly string[]
  /** unique_id of the macro of each materialization in use. */
  readonly materializations: Readonly<Record<string, string | null>>
  readonly nodes: readonly NodeFacts[]
  readonly tests: readonly TestFacts[]
  readonly unit_tests: readonly UnitTestFacts[]
  readonly sources: readonly SourceFacts[]
  readonly readers: readonly ReaderFacts[]
  readonly macros: readonly MacroFacts[]
  readonly disabled: readonly { readonly name: string; readonly file: string }[]
}

export interface CommonFacts {
  /** dbt's unique_id. */
  readonly id: string
  readonly name: string
  readonly package: string
  readonly file: string
  /** unique_ids of what it reads. */
  readonly parents: readonly string[]
  readonly selection: SelectionFields
}

/** What is used only by selections. */
export interface SelectionFields {
  readonly fqn: readonly string[]
  /** The YAML file that describes it, relative to its package. */
  readonly patch: string | null
  readonly tags: readonly string[]
  readonly group: string | null
  readonly access: string | null
  readonly latest_version: string | number | null
}

export interface NodeFacts extends CommonFacts {
  readonly resource: 'model' | 'seed' | 'snapshot' | 'function'
  readonly schema: string
  readonly alias: string
  readonly language: string
  readonly version: string | number | null
  readonly latest: boolean
  readonly config: Readonly<Record<string, Json>>
  /** Columns with types and constraints, if a contract enforces them. */
  readonly columns: readonly Json[]
  readonly macros: readonly string[]
  readonly code: string
  /**
   * Where an external materialization writes: a path relative to the dbt project or a URL; empty if it
   * could not be worked out. null for any other materialization.
   */
  readonly location: string | null
  /** Arguments and type of a function; null for any other node. */
  readonly signature: Json
}

export interface TestFacts extends CommonFacts {
  readonly config: Readonly<Record<string, Json>>
  readonly macros: readonly string[]
  readonly code: string
  /** Name and arguments of a generic test; null for a singular one. */
  readonly arguments: Json
}

export interface UnitTestFacts extends CommonFacts {
  readonly definition: Json
}

export interface SourceFacts {
  readonly id: string
  /** `source.table`. */
  readonly name: string
  readonly package: string
  readonly file: string
  readonly source: string
  readonly table: string
  readonly config: Readonly<Record<string, Json>>
  readonly selection: SelectionFields
  readonly schema: string
  readonly identifier: string
  /**
   * What its `external_location` reads: a path or pattern relative to the dbt project, or a URL. null for
   * a source in the warehouse.
   */
  readonly location: string | null
}

/** An exposure, metric, semantic model or saved query. It is not an asset, but selections can name it. */
export interface ReaderFacts {
  readonly id: string
  readonly resource: DbtReader
  /** `package.name` */
  readonly name: string
  /** unique_ids of nodes and of other readers. */
  readonly parents: readonly string[]
}

export interface MacroFacts {
  readonly id: string
  readonly name: string
  readonly package: string
  readonly file: string
  /** unique_ids of the macros it calls. */
  readonly macros: readonly string[]
  /** null for a macro that is part of dbt. */
  readonly code: string | null
  /** For a macro that is part of dbt: the names that it passes to `adapter.dispatch`. */
  readonly dispatched: readonly string[]
}
