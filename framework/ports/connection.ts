import type { Json } from '../lib/json.ts'
import type { Probe } from '../model/observation.ts'
import type { Problem, Result } from '../model/problem.ts'
import type { Stream } from '../model/stream.ts'
import type { BatchStep, Report } from './batch.ts'
import type { SyncRowCounts, TableLoader } from './warehouse.ts'

/** How raw tables arrive in a target. */
export type Connection = Loader | Syncer

/** Reads a source and writes the warehouse itself, stream by stream. */
export interface Loader {
  readonly type: string
  readonly together: false
  /**
   * Whether each stream moved since the position recorded at its load. `unchanged` only as proof.
   * `position` is a newer position that was proved equal, worth keeping.
   * Problems: source unreachable, refused, unknown stream, missing key or cursor column.
   */
  probe(
    requests: readonly { readonly stream: Stream; readonly recorded: Json }[],
  ): Promise<Result<ReadonlyMap<string, { readonly probe: Probe; readonly position: Json }>>>
  /** Loads every stream of the batch and reports each step; returns when all have an outcome. */
  load(request: LoadRequest): Promise<void>
  /** Runs SQL on the source, for a source that is ours; null for any other. */
  readonly admin: SourceAdmin | null
  close(): Promise<void>
}

/**
 * A service that has its own way from the source to the warehouse. One call of it serves all streams
 * and can't build one apart (SEMANTICS 11), and others may call it too.
 */
export interface Syncer {
  readonly type: string
  readonly together: true
  /**
   * What the service itself knows: a load that runs or ran since the recorded one. The source is not
   * asked. Problems, beside what could be told: unreachable, refused, a stream that is set up there
   * otherwise than its asset says.
   */
  probe(
    requests: readonly { readonly stream: Stream; readonly recorded: Json }[],
  ): Promise<StreamProbes>
  /**
   * Sees to it that one load serves all streams: attaches to one that runs, takes one that ran, or
   * starts one and waits for its end. Reports `started`, `reference` and `progress`; what became of
   * each stream is the answer, by asset; one that no load can bring is reported `failed` at once and
   * left out. Cancels a load of ours when the signal is aborted.
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
  readonly signal: AbortSignal
  /** How many rows each relation holds, and how many of them this load wrote. Absent relations are left out. */
  countSyncRows(
    relations: readonly string[],
    syncId: number,
  ): Promise<Result<ReadonlyMap<string, SyncRowCounts>>>
}

/** What became of one stream. */
export type Arrival =
  /** Its table holds what the load brought. */
  | {
      readonly is: 'loaded'
      /** Records that an incremental load says it brought; null where it says nothing. */
      readonly records: number | null
      /** For the record: the service's own JSON, and what a person calls the load. */
      readonly source: Json
      readonly reference: string
      /** When the load began, where that was before this step. Milliseconds since the epoch. */
      readonly startedAt: number | null
    }
  /** It is as recorded, and nothing was done about it. */
  | { readonly is: 'as_recorded' }
  | { readonly is: 'failed'; readonly problem: Problem }
  | { readonly is: 'cancelled'; readonly detail: string }

export interface LoadRequest {
  readonly run: number
  readonly streams: readonly { readonly stream: Stream; readonly step: BatchStep }[]
  readonly loader: TableLoader
  readonly report: Report
  readonly signal: AbortSignal
  /** Absolute path of an empty folder for spool files; the caller removes it. */
  readonly scratch: string
}

export interface SourceAdmin {
  /** Statement by statement: column names and rows as text, or the number of rows it changed. */
  sql(text: string): Promise<Result<readonly SqlAnswer[]>>
  /** Throws the source away and makes it anew. */
  reset(): Promise<Result<void>>
}

export interface SqlAnswer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly affected: number | null
}
