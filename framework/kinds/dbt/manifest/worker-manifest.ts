import type { Json } from '../../../lib/json.ts'

/**
 * What the worker reports about a parsed project (`manifest_facts` in worker_manifest.py). Files are
 * relative to their package.
 */
export interface ManifestFacts {
  readonly dbt: string
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
  readonly resource: 'model' | 'seed' | 'snapshot'
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
}

/** An exposure, metric, semantic model or saved query. It is not an asset, but selections can name it. */
export interface ReaderFacts extends Omit<CommonFacts, 'name'> {
  readonly resource: 'exposure' | 'metric' | 'semantic_model' | 'saved_query'
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
