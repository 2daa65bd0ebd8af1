import type { Json } from '../lib/json.ts'
import type { Probe } from '../model/observation.ts'
import type { Problem, Result } from '../model/problem.ts'
import type { Stream } from '../model/stream.ts'
import type { BatchStep, OnWait, Report } from './batch.ts'
import type { SyncRowCounts, TableLoader } from './warehouse.ts'

/** How raw tables arrive in a target. */
export type Connection = Loader | Syncer

/** Reads a source and writes the warehouse itself, stream by stream. */
export interface Loader {
  readonly type: string
  readonly together: false
  /**
   * Whether each stream changed since the position recorded at its load. `unchanged` needs a proof.
   * `position` is a newer position that was proved equal to the recorded one.
   * Problems: source unreachable, refused, unknown stream, missing key or cursor column.
   */
  probe(
    requests: readonly { readonly stream: Stream; readonly recorded: Json }[],
  ): Promise<Result<ReadonlyMap<string, { readonly probe: Probe; readonly position: Json }>>>
  /** Loads every stream of the batch and reports each step; returns when all have an outcome. */
  load(request: LoadRequest): Promise<void>
  /** Runs SQL on an embedded source; null for any other source. */
  readonly admin: SourceAdmin | null
  close(): Promise<void>
}

/**
 * A service that copies the source to the warehouse itself. One call loads all streams and can't load
 * one alone (SEMANTICS 11). Others may start loads, too.
 */
export interface Syncer {
  readonly type: string
  readonly together: true
  /**
   * What the service reports: a load that runs or ended since the recorded one. It does not ask the
   * source. Returns partial results together with problems: the service is unreachable or refuses
   * access; a stream is set up there differently from its asset.
   */
  probe(
    requests: readonly { readonly stream: Stream; readonly recorded: Json }[],
  ): Promise<StreamProbes>
  /**
   * Gets all streams from one load: waits for one that runs, uses one that ended, or starts one and
   * waits for its end. Reports `started`, `reference` and `progress`, and what it waits for. Returns the result of each stream
   * by asset. A stream that no load can bring is reported `failed` at once and has no result. When the
   * signal is aborted, cancels the load if this run started it.
   */
  sync(request: SyncRequest): Promise<ReadonlyMap<string, Arrival>>
  readonly admin: null
  close(): Promise<void>
}

export interface StreamProbes {
  /** By asset. */
  readonly probes: ReadonlyMap<string, Probe>
  readonly problems: readonly Problem[]
}

export interface SyncRequest {
  readonly streams: readonly { readonly stream: Stream; readonly step: BatchStep }[]
  readonly report: Report
  /** What all streams wait for. */
  readonly onWait: OnWait
  readonly signal: AbortSignal
  /** Counts all rows of each relation and those that this load wrote. Leaves out absent relations. */
  countSyncRows(
    relations: readonly string[],
    syncId: number,
  ): Promise<Result<ReadonlyMap<string, SyncRowCounts>>>
}

/** The result of a load for one stream. */
export type Arrival =
  /** The table holds the data of the load. */
  | {
      readonly is: 'loaded'
      /** The number of records that an incremental load reports; null if it reports none. */
      readonly records: number | null
      /** For the record: the service's own JSON, and the load's name for people. */
      readonly source: Json
      readonly reference: string
      /** When the load began, if before this step. Milliseconds since the epoch. */
      readonly startedAt: number | null
    }
  /** The stream matches its record and was not loaded. */
  | { readonly is: 'as_recorded' }
  | { readonly is: 'failed'; readonly problem: Problem }
  | { readonly is: 'cancelled'; readonly detail: string }

export interface LoadRequest {
  readonly run: number
  readonly streams: readonly { readonly stream: Stream; readonly step: BatchStep }[]
  readonly loader: TableLoader
  readonly report: Report
  /** What all streams wait for. */
  readonly onWait: OnWait
  readonly signal: AbortSignal
  /** Absolute path of an empty folder for spool files; the caller removes it. */
  readonly scratch: string
}

export interface SourceAdmin {
  /** One result for each statement: column names and rows as text, or the number of changed rows. */
  sql(text: string): Promise<Result<readonly SqlAnswer[]>>
  /** Deletes the source and creates it again. */
  reset(): Promise<Result<void>>
}

export interface SqlAnswer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly affected: number | null
}
