import type { Json } from '../../../lib/json.ts'
import type { DbtReader } from '../../../model/dbt-facts.ts'

/** What the worker tells about a parsed project (`facts` in worker_facts.py). Files are relative to their package. */
export interface Facts {
  readonly dbt: string
  /** Name of the root package. */
  readonly project: string
  /** The packages that a project brings itself, without those inside dbt. */
  readonly packages: Readonly<
    Record<string, { readonly root: string; readonly vars: Readonly<Record<string, Json>> }>
  >
  /** Folders that dbt reads, relative to the project. */
  readonly paths: readonly string[]
  readonly env_vars: readonly string[]
  /** The macro behind each materialization in use. */
  readonly materializations: Readonly<Record<string, string | null>>
  readonly nodes: readonly NodeFacts[]
  readonly tests: readonly TestFacts[]
  readonly unit_tests: readonly UnitTestFacts[]
  readonly sources: readonly SourceFacts[]
  readonly readers: readonly ReaderFacts[]
  readonly macros: readonly MacroFacts[]
  readonly disabled: readonly { readonly name: string; readonly file: string }[]
}

export interface Common {
  /** dbt's unique_id. */
  readonly id: string
  readonly name: string
  readonly package: string
  readonly file: string
  /** unique_ids of what it reads. */
  readonly parents: readonly string[]
  readonly asked: Asked
}

/** What only dbt's selection methods look at. */
export interface Asked {
  readonly fqn: readonly string[]
  /** The YAML file that describes it, relative to its package. */
  readonly patch: string | null
  readonly tags: readonly string[]
  readonly group: string | null
  readonly access: string | null
  readonly latest_version: string | number | null
}

export interface NodeFacts extends Common {
  readonly resource: 'model' | 'seed' | 'snapshot'
  readonly schema: string
  readonly alias: string
  readonly language: string
  readonly version: string | number | null
  readonly latest: boolean
  readonly config: Readonly<Record<string, Json>>
  /** Columns with types and constraints, where a contract enforces them. */
  readonly columns: readonly Json[]
  readonly macros: readonly string[]
  readonly code: string
}

export interface TestFacts extends Common {
  readonly config: Readonly<Record<string, Json>>
  readonly macros: readonly string[]
  readonly code: string
  /** Name and arguments of a generic test; null for a singular one. */
  readonly arguments: Json
}

export interface UnitTestFacts extends Common {
  readonly definition: Json
}

export interface SourceFacts {
  readonly id: string
  /** `source.table`, as people know it. */
  readonly name: string
  readonly package: string
  readonly file: string
  readonly source: string
  readonly table: string
  readonly config: Readonly<Record<string, Json>>
  readonly asked: Asked
  readonly schema: string
  readonly identifier: string
}

/** An exposure, metric, semantic model or saved query: no asset, but a name for what it reads. */
export interface ReaderFacts {
  readonly id: string
  readonly resource: DbtReader
  /** `package.name` */
  readonly name: string
  /** unique_ids, of readers too. */
  readonly parents: readonly string[]
}

export interface MacroFacts {
  readonly id: string
  readonly name: string
  readonly package: string
  readonly file: string
  /** unique_ids of the macros it calls. */
  readonly macros: readonly string[]
  /** null for those inside dbt. */
  readonly code: string | null
  /** What one inside dbt looks for by `adapter.dispatch`. */
  readonly dispatched: readonly string[]
}
