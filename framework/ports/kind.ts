import type { Json } from '../lib/json.ts'
import type { Asset, KindName } from '../model/asset.ts'
import type { DeclaredChart } from '../model/chart.ts'
import type { ColumnFacts, DocumentedColumn } from '../model/columns.ts'
import type { DbtGraph } from '../model/dbt-facts.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { FoundAsset } from '../model/found-asset.ts'
import type { Observation } from '../model/observation.ts'
import type { Problem, Result } from '../model/problem.ts'
import type { Target } from '../model/project.ts'
import type { Rebuilt } from '../model/rebuilt.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import type { Stream } from '../model/stream.ts'
import type { AssetTable } from '../model/tables/asset-table.ts'
import type { CodeVersionTable } from '../model/tables/code-version-table.ts'
import type { Shape } from '../model/version.ts'
import type { Batch, DefinedAsset, OnWait, Product, Report } from './batch.ts'
import type { RefreshedContent } from './publisher.ts'
import type { PythonLibrary, Site } from './site.ts'
import type { DbtOutput, Inspected, ViewComparison } from './warehouse.ts'

/** How one kind of asset is versioned, observed, measured and built. */
export interface Kind {
  readonly name: KindName
  /** `warehouse`: if the warehouse can't be shared, batches of two such kinds never overlap. */
  readonly uses: 'warehouse' | 'nothing'
  /** `together`: every step that is ready goes into one call. `apart`: one call for each step. */
  readonly batches: 'together' | 'apart'
  /** Code versions and forms of these assets in the site's target. Opens no connection. */
  define(assets: readonly Asset[], site: Site): Promise<Defined>
  /** Observes what exists now. An asset that could not be observed is not in the map. */
  observe(requests: readonly ObserveRequest[], site: Site): Promise<Result<Observations>>
  /** The current content of one asset: a view over new inputs, an adopted table, a file. */
  measure(asset: DefinedAsset, site: Site): Promise<Result<Product>>
  /**
   * The contents of assets that exist, all of one moment. What is missing or can't be read, and what was written
   * to meanwhile, is not in the map. Set for a kind whose assets are relations.
   */
  measureAll?(
    assets: readonly DefinedAsset[],
    site: Site,
  ): Promise<Result<ReadonlyMap<string, Product>>>
  /** Builds a batch and reports every step of it; returns when each has an outcome. Never throws. */
  run(batch: Batch, report: Report, site: Site): Promise<void>
  /** Ends a worker or connection that is kept between batches. */
  close(): Promise<void>
  /** How `verify` builds its assets again, or why it can't. */
  readonly rebuilder: Rebuilder | Unverifiable
  /**
   * One hash of all that its definitions, and the assets that it finds, are made from besides YAML. null: they must
   * be made to tell. Set for a kind that can tell without making them.
   */
  readonly definitionKey?: (site: Site) => string | null
  /** Set for a kind that caches definitions. */
  readonly cache?: DefinitionCache
  /** Set for a kind whose assets are files. */
  readonly writes?: Writes
  /** Where a service shows an asset on a target; null if none does. Set for a kind with such assets. */
  readonly shownIn?: (asset: Asset, target: ShowingTarget) => ShownIn | null
  /** The file with rows that people read, on a target; null if there is none. Set for a kind with such assets. */
  readonly answers?: (asset: Asset, target: string) => AnswerFile | null
  /** Set for a kind whose assets are streams of a connection. */
  readonly streams?: Streams
  /** Set for a kind that defines words. */
  readonly describer?: Describer
  /** Set for a kind that can tell whether a view is what it would install. */
  readonly prover?: Prover
  /** Set for a kind with assets that no YAML declares. */
  readonly finder?: Finder
  /** Set for a kind whose definitions depend on files outside of git, or on tools. */
  readonly lender?: Lender
  /** Set for a kind whose files say which columns its assets have, or read. */
  readonly columns?: ColumnsInFiles
  /**
   * Where the warehouse of a target with `warehouse: {from: <kind>}` is. Connects to nothing. Problems: those
   * of the kind's own configuration; that its tools do not exist yet.
   */
  readonly warehouse?: (site: Site, tools: Tools) => Promise<Result<DbtOutput>>
}

/** Reads columns from the files of a project, without a warehouse. */
export interface ColumnsInFiles {
  /** `definitions`: those of the whole project. The result has assets of the kind only. */
  read(site: Site, definitions: ReadonlyMap<string, Definition>): ReadonlyMap<string, ColumnFacts>
  /** The columns that the files describe to people, of an asset of any kind. Set for a kind with such files. */
  documented?(definition: Definition, site: Site): readonly DocumentedColumn[]
}

/** Finds a library in the Python of a kind's tool. Starts no program. null: there is none yet. */
export type FindLibrary = (name: string, site: Site) => PythonLibrary | null

/** Says what the same project at another commit takes from the working tree (`plan --against`). */
export interface Lender {
  /** Creates nothing. */
  lend(site: Site, base: BaseFolders): Lent
}

/** The trees of a comparison. Absolute paths. */
export interface BaseFolders {
  /** The project root of the other commit. */
  readonly root: string
  /** The top folder of the working tree. */
  readonly top: string
}

export interface Lent {
  /** Variables that replace those of the environment there. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute paths of files here that it shows too, if it has none of its own. */
  readonly also: readonly string[]
  /** Absolute paths here that it does not show, although git ignores them. */
  readonly not: readonly string[]
}

/** Whether tools that do not exist yet may be created to answer, which takes up to a minute. */
export type Tools = 'created' | 'existing'

/** Definitions from a cache that an earlier command wrote. None of them names the clock. */
export interface DefinitionCache {
  /**
   * What `define` would return. Assets of YAML files that changed since are defined again. Null if
   * `define` must be called, for example to report a problem.
   */
  read(assets: AssetTable, site: Site): CachedDefinitions | null
}

/** Definitions, created on demand; `codes` has one entry for each asset of the project. */
export interface CachedDefinitions {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly codes: CodeVersionTable
}

/** Which files the assets of a kind write. */
export interface Writes {
  /** The YAML key that names these files: one path, or a list. */
  readonly key: string
  /** The files that an asset writes on a target: relative to the project root, or absolute. In the order of the key. */
  files(asset: Asset, target: string): readonly string[]
  /** How the program that writes them can read the target's name, for a hint. */
  readonly targetHint?: string
}

/** A file with rows, and how the page draws them. */
export interface AnswerFile {
  /** Relative to the project root, or absolute. */
  readonly file: string
  /** `csv`, or another format of tables. */
  readonly format: string
  /** null: the columns decide. */
  readonly chart: DeclaredChart | null
}

/** What of a target says where something is shown. */
export type ShowingTarget = Pick<Target, 'name' | 'connections'>

export interface ShownIn {
  /** The connection of the service. */
  readonly connection: string
  /** The project there; null if the asset names none. */
  readonly project: string | null
  /** The name under which the asset is published; null if it is not. */
  readonly publishes: string | null
  /** What the asset refreshes there; null for nothing. */
  readonly refreshes: RefreshedContent | null
}

/** Finds the assets of a kind in a project of its own. */
export interface Finder {
  /**
   * Finds the assets of the site's target; `site.project` has those that YAML declares. May take seconds, and may
   * create dbt's Python environment. `onWait` is told what it waits for.
   */
  find(site: Site, onWait?: OnWait): Promise<Result<Found>>
}

export interface Found {
  /** Another one whenever the assets are others. */
  readonly key: string
  readonly assets: readonly FoundAsset[]
  /** What they are, in words: `19 models`, `6 sources (6 filled by seeds)`. */
  readonly summary: readonly string[]
  /** What dbt's selection methods look at, by the names of all assets. */
  readonly dbt: () => DbtGraph
}

/** Compares what exists with what a build would make, without building it. */
export interface Prover {
  /**
   * Compares views that exist with what the kind would install now. A view that can't be compared is not in the
   * map. Changes nothing. Problems: the tools or the warehouse can't be used.
   */
  compare(
    views: readonly DefinedAsset[],
    site: Site,
  ): Promise<Result<ReadonlyMap<string, ViewComparison>>>
}

/** Writes words into the comments of relations. */
export interface Describer {
  /**
   * Sets the comments of relations that exist to the words of their definitions, and deletes those whose
   * words were deleted. Doing it twice is safe. Never throws.
   */
  describe(assets: readonly DefinedAsset[], site: Site): Promise<Described>
}

export interface Described {
  /** The assets whose comments were set. */
  readonly set: ReadonlyMap<string, Inspections>
  /** Why comments of others could not be set. */
  readonly problems: readonly Problem[]
}

/** A relation just before and just after its comments were set; null if it could not be seen. */
export interface Inspections {
  readonly before: Inspected | null
  readonly after: Inspected | null
}

/** Builds assets in scratch, for `verify`. */
export interface Rebuilder {
  /**
   * Builds each asset twice in scratch schemas from its current inputs, and compares. None of the assets
   * reads another. Changes nothing outside the scratch schemas. Never throws. Returns what the results do
   * not cover, as sentences for people.
   */
  rebuild(
    assets: readonly RebuildStep[],
    report: (name: string, rebuilt: Rebuilt) => void,
    site: Site,
  ): Promise<readonly string[]>
}

/** Why a kind can't build in scratch: "a raw table: its source may have changed". */
export interface Unverifiable {
  readonly unverifiable: string
}

export interface RebuildStep extends DefinedAsset {
  readonly record: Materialization
  /** The address of each direct input; null for an input without a relation. */
  readonly inputs: ReadonlyMap<string, Shape | null>
}

/** The streams that assets declare. */
export interface Streams {
  of(asset: Asset, site: Site): Stream
}

export interface Defined {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly checks: readonly Check[]
  readonly problems: readonly Problem[]
  /**
   * Set if some definitions need slow work first. `parse` takes seconds. `environment` first creates
   * dbt's Python environment, which only a build may do. The result has the missing definitions, or
   * `problems` that say why not.
   */
  readonly later: {
    readonly needs: 'parse' | 'environment'
    readonly define: (onWait?: OnWait) => Promise<Defined>
  } | null
  /** Starts in the background what a build will need soon (dbt's worker); called at most once. */
  readonly warm?: () => void
  /** What dbt's selection methods look at; read only if a selection asks. */
  readonly dbt?: () => DbtGraph
}

export interface ObserveRequest extends DefinedAsset {
  readonly record: Materialization | null
  /** The last observation by a run or a status; an external has no other record. */
  readonly lastObserved: RecordedObservation | null
  /** The change token of the warehouse when the record last matched; null if it proves nothing of this asset. */
  readonly warehouseToken: string | null
  /** Whether a look at a service that shows it still counts some days later (SEMANTICS 52). */
  readonly sparing: boolean
}

export interface Observations {
  readonly observations: ReadonlyMap<string, Observation>
  /** Newer source positions that were proved equal to the recorded ones, by asset. */
  readonly positions: ReadonlyMap<string, Json>
  readonly problems: readonly Problem[]
}
