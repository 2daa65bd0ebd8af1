import type { Json } from '../lib/json.ts'

/** What dbt's selection methods compare: facts of dbt's manifest about one node. */
export interface DbtFacts {
  /** `model`, `seed`, `snapshot`, `function`, `source`, `test`, `unit_test`; of a reader, `exposure` and so on. */
  readonly resourceType: string
  readonly package: string
  /** Whether its package is the project itself, which selections call `this`. */
  readonly ofThisProject: boolean
  /** From the package to the name. A versioned model ends in its name and `v2`. */
  readonly fqn: readonly string[]
  /** Relative to its package: `models/marts/fact_payment.sql`. */
  readonly path: string
  /** The same file, relative to the project root: `dbt/models/marts/fact_payment.sql`. */
  readonly file: string
  /** The dbt YAML file that describes it, relative to its package. */
  readonly patchPath: string | null
  /**
   * Of a node of another package: which of its file, the folders of that and the YAML file the project
   * itself has too, for dbt looks for a path there. null for a node of the project.
   */
  readonly pathsInProject: readonly string[] | null
  readonly tags: readonly string[]
  readonly config: Readonly<Record<string, Json>>
  readonly group: string | null
  /** `public`, `protected` or `private`; null where dbt reports none. */
  readonly access: string | null
  /** A model's position among its versions; null for anything but a model. */
  readonly version: 'latest' | 'prerelease' | 'old' | 'none' | null
  /** null for anything but a source. */
  readonly source: { readonly name: string; readonly table: string } | null
  readonly test: {
    readonly type: 'generic' | 'singular' | 'unit'
    /** The name of the generic test, `not_null`, or of the test itself. */
    readonly name: string
  } | null
}

/**
 * An exposure, metric, semantic model or saved query: a node of dbt's graph that is neither an asset nor a
 * check. Selections can name it, and walk from it.
 */
export interface DbtReader {
  readonly facts: DbtFacts
  /** The assets that it reads directly. */
  readonly assets: readonly string[]
  /** unique_ids of the readers that it reads directly: a metric reads its semantic model. */
  readonly readers: readonly string[]
}

/** What selections need of dbt's projects. */
export interface DbtGraph {
  /**
   * By asset and check. An asset is several nodes if several sources name its table, or if models read a
   * seed through `source()`.
   */
  readonly nodes: ReadonlyMap<string, readonly DbtFacts[]>
  /** By unique_id. */
  readonly readers: ReadonlyMap<string, DbtReader>
}

/** Of a project without dbt, or one that was not parsed yet. */
export const NO_DBT: DbtGraph = { nodes: new Map(), readers: new Map() }

/** One graph of several; a later one replaces nodes of the same name. */
export function mergeDbt(graphs: readonly DbtGraph[]): DbtGraph {
  return {
    nodes: new Map(graphs.flatMap(({ nodes }) => [...nodes])),
    readers: new Map(graphs.flatMap(({ readers }) => [...readers])),
  }
}
