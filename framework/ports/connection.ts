import type { Json } from '../lib/json.ts'
import type { Probe } from '../model/observation.ts'
import type { Result } from '../model/problem.ts'
import type { BatchStep, Report } from './kind.ts'
import type { Session } from './warehouse.ts'

/** One stream of a connection, as its asset declares it. */
export interface Stream {
  readonly asset: string
  /** The table or view in the source. */
  readonly stream: string
  /** Schema in the source; null for the connection's default. */
  readonly namespace: string | null
  readonly sync: 'full_refresh' | 'incremental_append' | 'incremental_dedup'
  readonly primaryKey: readonly string[]
  readonly cursor: string | null
  /** Only these columns, or null for all. */
  readonly columns: readonly string[] | null
  readonly exclude: readonly string[]
  /** `schema.table` in the warehouse. */
  readonly relation: string
}

/** How raw tables arrive in a target. */
export interface Connection {
  readonly type: string
  /** True when one external call serves all streams and can't build one apart (SEMANTICS 11). */
  readonly together: boolean
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

export interface LoadRequest {
  readonly run: number
  readonly streams: readonly { readonly stream: Stream; readonly step: BatchStep }[]
  readonly session: Session
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
