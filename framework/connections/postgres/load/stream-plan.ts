import { ok, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { TableLoad } from '../../../ports/warehouse.ts'
import type { CopyQuery } from '../copy/copy-statement.ts'
import { isSameServer, type Position, type ServerPosition } from '../probe/position.ts'
import { hashColumns, type SourceTable } from '../source/catalog.ts'
import { columnExpression } from '../source/column-expression.ts'
import { selectColumns } from '../source/select-columns.ts'
import { qualifiedName } from '../source/sql.ts'
import type { StreamTable } from '../source/stream-tables.ts'

/** How one stream is read and loaded. */
export interface StreamPlan {
  readonly stream: Stream
  readonly table: SourceTable
  readonly columnsHash: string
  /** The query of all rows to load, not divided into page ranges. */
  readonly query: CopyQuery
  readonly mode: TableLoad['mode']
  /** `_airbyte_generation_id`; null for the number of this run. */
  readonly generation: number | null
  /** Why an incremental stream is read in full although it was loaded before; else null. */
  readonly note: string | null
}

/**
 * Plans the load of a stream. An incremental stream with a cursor continues from its recorded position if
 * the database and the columns are the same. Any other stream is read in full. Problems: those of
 * `selectColumns`. Pure.
 */
export function planStream(
  facts: StreamTable,
  now: ServerPosition,
  recorded: Position | null,
  full: boolean,
): Result<StreamPlan> {
  const selected = selectColumns(facts)
  if (!selected.ok) return selected
  const { stream } = facts
  const { table, columns } = selected.value
  const hash = hashColumns(columns)
  const start = full ? 'asked' : startPosition(stream, now, recorded, hash, table.identity)
  const whole: CopyQuery = {
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
  const plan = { stream, table, columnsHash: hash }
  if (typeof start === 'string') {
    const note = stream.cursor === null ? null : NOTES[start]
    return ok({ ...plan, query: whole, mode: { how: 'replace' }, generation: null, note })
  }
  // incremental_append must not read the last row twice. incremental_dedup may, and so also gets rows
  // that were committed later with the same cursor value.
  const dedup = stream.sync === 'incremental_dedup'
  return ok({
    ...plan,
    query: { ...whole, since: { ...start.cursor, inclusive: dedup } },
    mode: dedup ? { how: 'merge', key: stream.primaryKey } : { how: 'append' },
    generation: start.generation,
    note: null,
  })
}

const NOTES = {
  asked: null,
  first: null,
  'other-database': 'the source is another database than at the last load, so it is read in full',
  'other-copy':
    'the source is another copy of the database than at the last load, so it is read in full',
  'other-table': 'it is another table or view than at the last load, so it is read in full',
  'other-columns': 'its columns changed since the last load, so it is read in full',
} as const

type StartPosition =
  | 'first'
  | 'other-database'
  | 'other-copy'
  | 'other-table'
  | 'other-columns'
  | {
      readonly cursor: { readonly column: string; readonly value: string }
      readonly generation: number
    }

function startPosition(
  stream: Stream,
  now: ServerPosition,
  recorded: Position | null,
  columns: string,
  identity: string,
): StartPosition {
  const cursor = recorded?.cursor ?? null
  if (stream.sync === 'full_refresh' || stream.cursor === null) return 'first'
  if (recorded === null || cursor === null || cursor.column !== stream.cursor) return 'first'
  if (now.system === null || recorded.server.system !== now.system) return 'other-database'
  // A copy can lack the last commits of the one before it.
  if (!isSameServer(recorded.server, now)) return 'other-copy'
  if (recorded.identity !== identity) return 'other-table'
  if (recorded.columns !== columns) return 'other-columns'
  return { cursor, generation: recorded.generation }
}

/** Reads only the newest row of each key, if the source does not enforce that the key is unique. */
function newestByKey(stream: Stream, table: SourceTable): CopyQuery['newestByKey'] {
  if (stream.sync !== 'incremental_dedup' || stream.primaryKey.length === 0) return null
  const enforced = table.unique.some((columns) =>
    columns.every((column) => stream.primaryKey.includes(column)),
  )
  return enforced ? null : { key: stream.primaryKey, cursor: stream.cursor }
}
