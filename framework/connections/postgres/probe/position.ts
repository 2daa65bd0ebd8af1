import type { Json } from '../../../lib/json.ts'

/** What a stream looked like in the snapshot of its load: `Product.source` of this connection. */
export type Position = {
  readonly server: ServerPosition
  /** Hash of the selected columns: names, types, defaults, enum labels. */
  readonly columns: string
  /**
   * Of the rows from `cursor` on, or of all without one; null where rows have no versions to compare
   * (views, foreign tables), so that nothing is ever proved unchanged.
   */
  readonly rows: RowsPosition | null
  /** Where an incremental stream goes on. */
  readonly cursor: { readonly column: string; readonly value: string } | null
  /** `_airbyte_generation_id` of the table's rows: the run of its last full load. */
  readonly generation: number
}

export type ServerPosition = {
  /** Identifies the database whatever its address; null when the server won't say. */
  readonly system: string | null
  /**
   * Its address, hashed, with the timeline. Two copies of one server go apart without a new
   * timeline, and then one transaction number stands for two different transactions.
   */
  readonly copy: string
  /** `pg_current_snapshot()`: which transactions were committed then. */
  readonly snapshot: string
}

export type RowsPosition = {
  readonly count: string
  /** Sum of hashes of xmin: moves with every row that was written. */
  readonly hash: string
}

/** True when row versions (xmin) of the two can be compared. */
export function sameServer(a: ServerPosition, b: ServerPosition): boolean {
  return a.system !== null && a.system === b.system && a.copy === b.copy
}

/** Proof that no transaction committed on the server between the two. */
export function nothingCommitted(a: ServerPosition, b: ServerPosition): boolean {
  return sameServer(a, b) && a.snapshot === b.snapshot
}

/** A position as recorded, or null for none or one of another connection or an older form. */
export function recordedPosition(json: Json): Position | null {
  if (json === null || typeof json !== 'object' || !('server' in json)) return null
  const { server, columns, generation } = json as { readonly [key: string]: unknown }
  const known =
    typeof columns === 'string' &&
    typeof generation === 'number' &&
    typeof (server as Record<string, unknown> | null)?.snapshot === 'string'
  return known ? (json as unknown as Position) : null
}
