import type { Json } from '../../../lib/json.ts'
import type { CursorPosition } from './cursor-position.ts'

/** The state of a stream in the snapshot of its load. Recorded as `Product.source`. */
export type Position = {
  readonly server: ServerPosition
  /** Hash of the loaded columns: names, types, defaults, enum labels. */
  readonly columns: string
  /**
   * The versions of the rows at the cursor, or of all rows. null if rows have no versions (views, foreign
   * tables): then the stream can never be proved unchanged.
   */
  readonly rows: RowsPosition | null
  /** Where the next incremental load continues. null if the stream has no cursor, or no row has a value of it. */
  readonly cursor: CursorPosition | null
  /** `_airbyte_generation_id` of the table's rows: the run of its last full load. */
  readonly generation: number
}

export type ServerPosition = {
  /** Identifies the database independently of its address; null if the user may not read it. */
  readonly system: string | null
  /**
   * Hash of the address and the timeline. Two copies of one server can diverge on the same timeline. Then
   * one transaction number means two different transactions.
   */
  readonly copy: string
  /** `pg_current_snapshot()`: the transactions that were committed. */
  readonly snapshot: string
}

export type RowsPosition = {
  readonly count: string
  /** Sum of hashes of xmin. It changes with every written row. */
  readonly hash: string
}

/** Whether the row versions (xmin) of the two positions can be compared. */
export function isSameServer(a: ServerPosition, b: ServerPosition): boolean {
  return a.system !== null && a.system === b.system && a.copy === b.copy
}

/** Whether it is proved that no transaction committed between the two positions. */
export function nothingCommitted(a: ServerPosition, b: ServerPosition): boolean {
  return isSameServer(a, b) && a.snapshot === b.snapshot
}

/** Parses a recorded position. Null if there is none, or if it comes from another type of connection or has an older format. */
export function recordedPosition(json: Json): Position | null {
  if (json === null || typeof json !== 'object' || !('server' in json)) return null
  const { server, columns, generation, cursor } = json as { readonly [key: string]: unknown }
  const known =
    typeof columns === 'string' &&
    typeof generation === 'number' &&
    typeof (server as Record<string, unknown> | null)?.snapshot === 'string'
  // A cursor of an older format does not name the rows at it.
  const names = cursor === null || (cursor as Record<string, unknown> | undefined)?.at !== undefined
  return known && names ? (json as unknown as Position) : null
}
