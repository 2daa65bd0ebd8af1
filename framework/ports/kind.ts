import type { Json } from '../lib/json.ts'
import type { Asset, KindName } from '../model/asset.ts'
import type { AssetTable, CodeVersionTable } from '../model/columns.ts'
import type { DbtFacts } from '../model/dbt-facts.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import type { Problem, Result } from '../model/problem.ts'
import type { Rebuilt } from '../model/rebuilt.ts'
import type { JournalEntry, Materialization, RecordedObservation } from '../model/record.ts'
import type { Action } from '../model/step.ts'
import type { Reason } from '../model/verdict.ts'
import type { Shape, Version } from '../model/version.ts'
import type { Stream } from './connection.ts'
import type { Site } from './site.ts'

/** How one kind of asset is versioned, observed, measured and built. */
export interface Kind {
  readonly name: KindName
  /** `warehouse`: where it can't be shared, batches of two such kinds never overlap. */
  readonly uses: 'warehouse' | 'nothing'
  /** `together`: every step that is ready goes into one call. `apart`: one call a step. */
  readonly batches: 'together' | 'apart'
  /** Code versions and forms of these assets in the site's target. Opens no connection. */
  define(assets: readonly Asset[], site: Site): Promise<Defined>
  /**
   * As `define`, from what the kind kept of an earlier command and, where the YAML moved since, from the
   * assets of those files. Null when `define` has to be asked, if only for what is wrong.
   */
  defineFromCache?(columns: AssetTable, site: Site): CachedDefinitions | null
  /** The files that an asset writes on a target, relative to the root; left out where it writes none. */
  writes?(asset: Asset, target: string): readonly string[]
  /** Looks at what is there now. An asset left out of the map could not be observed. */
  observe(requests: readonly ObserveRequest[], site: Site): Promise<Result<Observations>>
  /** The content of one asset as it stands: a view under new inputs, an adopted table, a file. */
  measure(asset: Defining, site: Site): Promise<Result<Product>>
  /** Builds a batch and reports every step of it; returns when each has an outcome. Never throws. */
  run(batch: Batch, report: Report, site: Site): Promise<void>
  /** Ends what it keeps alive between batches: a worker, a connection. */
  close(): Promise<void>
  /**
   * Builds each of these twice where nobody looks, from the inputs that are there, and compares. None
   * of them reads another. Touches nothing outside its scratch, and never throws. Absent where a kind
   * can't build elsewhere.
   */
  readonly rebuild?: (
    assets: readonly RebuildStep[],
    report: (name: string, rebuilt: Rebuilt) => void,
    site: Site,
  ) => Promise<void>
  /** The stream that an asset asks of its connection; absent where assets don't arrive by one. */
  readonly stream?: (asset: Asset, site: Site) => Stream
}

/** Definitions of all of a kind's assets, made when asked for; `codes` are by number in the project. */
export interface CachedDefinitions {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly codes: CodeVersionTable
}

export interface RebuildStep extends Defining {
  readonly record: Materialization
  /** Where each direct input lives; null for one without a relation. */
  readonly inputs: ReadonlyMap<string, Shape | null>
}

export interface Defining {
  readonly asset: Asset
  readonly definition: Definition
}

export interface Defined {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly checks: readonly Check[]
  readonly problems: readonly Problem[]
  /**
   * Set when some assets have no definition yet because it takes something slow. `parse` takes
   * seconds; `environment` also makes dbt's Python environment first, which only a build may do.
   * The answer has definitions for all of them or says why not in `problems`.
   */
  readonly later: {
    readonly needs: 'parse' | 'environment'
    readonly define: () => Promise<Defined>
  } | null
  /** Starts in the background what a build will need soon (dbt's worker); called at most once. */
  readonly warm?: () => void
  /** What dbt's selection methods look at, by asset and check; read when a selection asks. */
  readonly dbt?: () => ReadonlyMap<string, DbtFacts>
}

export interface ObserveRequest extends Defining {
  readonly record: Materialization | null
  /** What a run or a status saw last; an external has no other record. */
  readonly lastObserved: RecordedObservation | null
  /** Proof tokens kept from the last run, by subject. */
  readonly changeTokens: ReadonlyMap<string, string>
}

export interface Observations {
  readonly observations: ReadonlyMap<string, Observation>
  /** Newer source positions that were proved equal to the recorded ones, by asset. */
  readonly positions: ReadonlyMap<string, Json>
  readonly problems: readonly Problem[]
}

/** What a build gave, or what a measurement found. */
export interface Product {
  /** null: can't be known. */
  readonly version: Version | null
  readonly shape: Shape | null
  readonly installed: string | null
  readonly rows: number | null
  readonly bytes: number | null
  readonly token: string | null
  readonly source: Json
  readonly reference: string | null
}

export interface BatchStep {
  readonly name: string
  readonly action: Action
  readonly full: boolean
  readonly reasons: readonly Reason[]
  readonly subject:
    | ({
        readonly is: 'asset'
        readonly record: Materialization | null
        /** Where each direct input lives; null for one without a relation. */
        readonly inputs: ReadonlyMap<string, Shape | null>
        /** What an earlier run began and did not commit. */
        readonly left: Left | null
        /**
         * What was loaded from this moment on is not too old yet, by its freshness policy; null without
         * one. Milliseconds since the epoch.
         */
        readonly freshSince: number | null
      } & Defining)
    | { readonly is: 'check'; readonly check: Check }
}

/** When a step was begun that has no commit, and the external reference of what it started. */
export type Left = Pick<JournalEntry, 'at' | 'reference'>

/** Steps that one external call serves, in topological order. */
export interface Batch {
  readonly run: number
  readonly number: number
  readonly steps: readonly BatchStep[]
  /**
   * Aborted by the first Ctrl-C, and when a step takes longer than its `timeout:`. Cancel what is ours,
   * report what was not done as cancelled, and return.
   */
  readonly signal: AbortSignal
}

/**
 * What a kind tells while it builds. `started` is the journal's begin: await it before the outside
 * is touched. `built` and `checked` are commits: dependents are released when they resolve.
 */
export type StepReport =
  | { readonly step: 'started'; readonly name: string }
  | { readonly step: 'reference'; readonly name: string; readonly reference: Json }
  | { readonly step: 'progress'; readonly name: string; readonly message: string }
  /** The outside has done its part and what is left is to look at it: another step may take its place. */
  | { readonly step: 'worked'; readonly name: string }
  | {
      readonly step: 'built'
      readonly name: string
      readonly product: Product
      /** When the work began, where that was before this step: milliseconds since the epoch. */
      readonly startedAt?: number
      /** When the work ended, where that is told later: milliseconds since the epoch. */
      readonly endedAt?: number
    }
  | {
      readonly step: 'checked'
      readonly name: string
      readonly result: 'pass' | 'warn' | 'fail'
      readonly failures: number | null
      readonly problem: Problem | null
      readonly endedAt?: number
    }
  | { readonly step: 'failed'; readonly name: string; readonly problem: Problem }
  /** Left out by the outside because something above it failed in the same call. */
  | { readonly step: 'skipped'; readonly name: string; readonly by: string | null }
  /** `detail`: what it told until then. */
  | { readonly step: 'cancelled'; readonly name: string; readonly detail?: string }

export type Report = (report: StepReport) => Promise<void>
