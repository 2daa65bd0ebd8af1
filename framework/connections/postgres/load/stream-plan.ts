import { ok, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { TableLoad } from '../../../ports/warehouse.ts'
import type { CopyQuery, CursorBound } from '../copy/copy-statement.ts'
import {
  type ComparedRows,
  type CursorPosition,
  type CursorRows,
  changeSince,
  WHY_IN_FULL,
} from '../probe/cursor-position.ts'
import { isUnloaded, type StreamRows } from '../probe/cursor-rows.ts'
import {
  attachedSince,
  isContinued,
  isSameServer,
  type Position,
  type ServerNow,
} from '../probe/position.ts'
import { hashColumns, type SourceTable } from '../source/catalog.ts'
import { columnExpression } from '../source/column-expression.ts'
import { isPoint } from '../source/cursor-type.ts'
import { selectColumns } from '../source/select-columns.ts'
import { qualifiedName } from '../source/sql.ts'
import { cursorOf, loadModeOf } from '../source/stream-mode.ts'
import type { StreamTable } from '../source/stream-tables.ts'

/** How one stream is read and loaded. */
export interface StreamPlan {
  readonly stream: Stream
  readonly table: SourceTable
  readonly columnsHash: string
  /** Of a stream with a cursor: the rows that its position is read from. */
  readonly rows: StreamRows | null
  /** What was found of them when the load was planned; null if that was not needed. */
  readonly found: CursorRows | null
  /** The query of all rows to load, not divided into page ranges. */
  readonly query: CopyQuery
  readonly mode: TableLoad['mode']
  /** `_airbyte_generation_id`; null for the number of this run. */
  readonly generation: number | null
  /** Why an incremental stream is read in full although it was loaded before; else null. */
  readonly note: string | null
}

/** How a stream is read, before the rows at its cursor were asked for. */
export interface PlannedStream {
  /** Reads the stream in full. */
  readonly whole: StreamPlan
  /** The recorded position that it may continue from: `continuePlan` says so. null: it is read in full. */
  readonly recorded: (Position & { readonly cursor: CursorPosition }) | null
}

/**
 * Plans the load of a stream. An incremental stream with a cursor may continue from its recorded position if the
 * database and the columns are the same. Any other stream is read in full. Problems: those of `selectColumns`.
 * Pure.
 */
export function planStream(
  facts: StreamTable,
  now: ServerNow,
  recorded: Position | null,
  full: boolean,
): Result<PlannedStream> {
  const selected = selectColumns(facts)
  if (!selected.ok) return selected
  const { stream } = facts
  const { table, columns } = selected.value
  const columnsHash = hashColumns(columns)
  const start = full ? 'asked' : startPosition(stream, now, recorded, columnsHash, table)
  const query: CopyQuery = {
    from: qualifiedName(table.namespace, table.name),
    columns: columns.map((column) => ({
      name: column.column,
      keepsExact: column.keepsExact,
      ...columnExpression(column.column, column),
    })),
    pages: null,
    since: null,
    newestByKey: newestByKey(stream, table),
  }
  const cursor = cursorOf(stream)
  const attached = typeof start === 'string' ? [] : (attachedSince(start, table) ?? [])
  const whole: StreamPlan = {
    stream,
    table,
    columnsHash,
    rows: cursor === null ? null : { table, columns, cursor, attached },
    found: null,
    query,
    mode: { how: 'replace' },
    generation: null,
    note: typeof start === 'string' && cursor !== null ? NOTES[start] : null,
  }
  return ok({ whole, recorded: typeof start === 'string' ? null : start })
}

/**
 * Continues a stream from its recorded position, if what the source holds now shows that this gives the same as
 * reading it in full, as far as a cursor tells (SEMANTICS 38). Otherwise it is read in full, with a note. Pure.
 */
export function continuePlan(
  whole: StreamPlan,
  { cursor, generation }: Position & { readonly cursor: CursorPosition },
  found: ComparedRows,
): StreamPlan {
  const mode = loadModeOf(whole.stream, whole.table)
  const change = changeSince(cursor, found, mode)
  if (change.is === 'other') {
    return { ...whole, found, note: `${WHY_IN_FULL[change.why]}, so it is read in full` }
  }
  const { merges } = mode
  const unloaded = change.is === 'none' ? 'none' : change.unloaded
  const { column, value, versions } = cursor
  const since: CursorBound = {
    column,
    value,
    // Rows that are merged may be read again. Appended ones may not.
    inclusive: merges,
    point: isPoint(whole.table.columns.find((one) => one.column === column)!),
    besides:
      unloaded === 'none' || versions === null || found.shown === null
        ? null
        : { condition: isUnloaded(versions, found.shown.end), below: unloaded === 'below' },
  }
  return {
    ...whole,
    found,
    query: { ...whole.query, since },
    mode: merges ? { how: 'merge', key: whole.stream.primaryKey } : { how: 'append' },
    generation,
  }
}

const NOTES = {
  asked: null,
  first: null,
  'other-database': 'the source is another database than at the last load, so it is read in full',
  'other-copy':
    'the source is another copy of the database than at the last load, so it is read in full',
  'other-life':
    'the source was restarted, restored or recovered since the last load, so it is read in full',
  'other-table':
    'it is another table than at the last load, or a view with another definition, so it is read in full',
  'other-columns': 'its columns changed since the last load, so it is read in full',
} as const

function startPosition(
  stream: Stream,
  now: ServerNow,
  recorded: Position | null,
  columns: string,
  table: SourceTable,
): keyof typeof NOTES | (Position & { readonly cursor: CursorPosition }) {
  const cursor = recorded?.cursor ?? null
  if (cursorOf(stream) === null) return 'first'
  if (recorded === null || cursor === null || cursor.column !== stream.cursor) return 'first'
  const { server } = now
  if (server.system === null || recorded.server.system !== server.system) return 'other-database'
  // A copy can lack the last commits of the one before it.
  if (!isSameServer(recorded.server, server)) return 'other-copy'
  // Nor is a restored copy told from what was there before, and its transaction numbers are used again.
  if (!isContinued(recorded.server, now)) return 'other-life'
  if (attachedSince(recorded, table) === null) return 'other-table'
  if (recorded.columns !== columns) return 'other-columns'
  return { ...recorded, cursor }
}

/** Reads only the newest row of each key, if the source does not enforce that the key is unique. */
function newestByKey(stream: Stream, table: SourceTable): CopyQuery['newestByKey'] {
  const { merges, isKeyUnique } = loadModeOf(stream, table)
  if (!merges || stream.primaryKey.length === 0 || isKeyUnique) return null
  return { key: stream.primaryKey, cursor: stream.cursor }
}
