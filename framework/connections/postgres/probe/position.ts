import type { Json } from '../../../lib/json.ts'
import type { Heaps, SourceTable } from '../source/catalog.ts'
import type { CursorPosition } from './cursor-position.ts'

/** The state of a stream in the snapshot of its load. Recorded as `Product.source`. */
export type Position = {
  readonly server: ServerPosition
  /** Hash of the identity of the table and of everything read through it (`SourceTable.identity`). */
  readonly identity: string
  /** Of a stream with a cursor: the tables that its rows were read from, if they have versions. */
  readonly heaps: Heaps | null
  /** Hash of the loaded columns: names, types, defaults, and whatever turns their values into text. */
  readonly columns: string
  /**
   * The versions of the rows at the cursor, or of all rows. null if they prove nothing (`NoVersions`): then
   * the stream can never be proved unchanged.
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
  /**
   * Identifies the time since the server started or recovered from a crash. Files can be restored while it
   * is down, and a crash can lose commits. Then transaction numbers are used again.
   */
  readonly life: string
  /** `pg_current_snapshot()`: the transactions that were committed; null on a standby, where it does not tell. */
  readonly snapshot: string | null
}

/** A server now. `lives`: those that its present one continues without a gap, itself included. */
export interface ServerNow {
  readonly server: ServerPosition
  readonly lives: readonly string[]
}

export type RowsPosition = {
  readonly count: string
  /** Sum of hashes of xmin. It changes with every written row. */
  readonly hash: string
}

/** Whether the two positions are of one copy of one database. */
export function isSameServer(a: ServerPosition, b: ServerPosition): boolean {
  return a.system !== null && a.system === b.system && a.copy === b.copy
}

/** Whether a server's history is that of the recorded position, so that row versions (xmin) can be compared. */
export function isContinued(recorded: ServerPosition, { server, lives }: ServerNow): boolean {
  return isSameServer(recorded, server) && lives.includes(recorded.life)
}

/**
 * The oids of the partitions and children that a table got since the recorded position, if it is the same table and
 * lost none; null if it is another one, or if that can't be said.
 */
export function attachedSince(
  recorded: Position,
  { identity, heaps }: SourceTable,
): readonly string[] | null {
  if (recorded.identity === identity) return []
  if (recorded.heaps === null || recorded.heaps.own !== heaps?.own) return null
  const known = new Set(recorded.heaps.others)
  const attached = heaps.others.filter((oid) => !known.has(oid))
  return attached.length === heaps.others.length - known.size ? attached : null
}

/** Whether it is proved that no transaction committed since the recorded position. */
export function nothingCommitted(recorded: ServerPosition, now: ServerNow): boolean {
  const { snapshot } = now.server
  return isContinued(recorded, now) && snapshot !== null && recorded.snapshot === snapshot
}

/** Parses a recorded position. Null if there is none, or if it comes from another type of connection or has an older format. */
export function recordedPosition(json: Json): Position | null {
  if (json === null || typeof json !== 'object' || !('server' in json)) return null
  const { server, identity, heaps, columns, generation, cursor } = json as {
    readonly [key: string]: unknown
  }
  const known =
    typeof columns === 'string' &&
    typeof identity === 'string' &&
    heaps !== undefined &&
    typeof generation === 'number' &&
    typeof (server as Record<string, unknown> | null)?.life === 'string'
  // A cursor of an older format does not name the rows at it.
  const names = cursor === null || (cursor as Record<string, unknown> | undefined)?.at !== undefined
  return known && names ? (json as unknown as Position) : null
}
