import { ok, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { TableLoad } from '../../../ports/warehouse.ts'
import type { CopyRead } from '../copy/copy-statement.ts'
import type { Position, ServerPosition } from '../probe/position.ts'
import { columnsHash, type SourceTable } from '../source/catalog.ts'
import { readColumn } from '../source/column-expression.ts'
import { selectColumns } from '../source/select-columns.ts'
import { qualified } from '../source/sql.ts'
import type { StreamFacts } from '../source/stream-tables.ts'

/** How one stream is read and loaded this time. */
export interface StreamPlan {
  readonly stream: Stream
  readonly table: SourceTable
  readonly columnsHash: string
  /** The whole read, not yet cut into page ranges. */
  readonly read: CopyRead
  readonly mode: TableLoad['mode']
  /** null when `_airbyte_generation_id` is to be that of this run. */
  readonly generation: number | null
  /** Why an incremental stream is read in full, for people; null when it isn't or never was loaded. */
  readonly note: string | null
}

/**
 * Decides how a stream is loaded. An incremental stream with a cursor goes on from its recorded
 * position when the database and the columns are those of then; anything else is read in full.
 */
export function planStream(
  facts: StreamFacts,
  now: ServerPosition,
  recorded: Position | null,
  full: boolean,
): Result<StreamPlan> {
  const selected = selectColumns(facts)
  if (!selected.ok) return selected
  const { stream } = facts
  const { table, columns } = selected.value
  const hash = columnsHash(columns)
  const start = full ? 'asked' : whereToStart(stream, now, recorded, hash)
  const whole: CopyRead = {
    from: qualified(table.namespace, table.name),
    columns: columns.map((column) => ({
      name: column.column,
      ...readColumn(column.column, column),
    })),
    pages: null,
    since: null,
    newest: newest(stream, table),
  }
  const plan = { stream, table, columnsHash: hash }
  if (typeof start === 'string') {
    const note = stream.cursor === null ? null : NOTES[start]
    return ok({ ...plan, read: whole, mode: { how: 'replace' }, generation: null, note })
  }
  // An appended stream must not read its last row twice; one with a key may, and so misses none
  // that was committed later under the same cursor value.
  const dedup = stream.sync === 'incremental_dedup'
  return ok({
    ...plan,
    read: { ...whole, since: { ...start.cursor, inclusive: dedup } },
    mode: dedup ? { how: 'merge', key: stream.primaryKey } : { how: 'append' },
    generation: start.generation,
    note: null,
  })
}

const NOTES = {
  asked: null,
  first: null,
  'other-database': 'the source is another database than at the last load: read in full',
  'other-columns': 'its columns changed since the last load: read in full',
} as const

type Start =
  | 'first'
  | 'other-database'
  | 'other-columns'
  | {
      readonly cursor: { readonly column: string; readonly value: string }
      readonly generation: number
    }

function whereToStart(
  stream: Stream,
  now: ServerPosition,
  recorded: Position | null,
  columns: string,
): Start {
  const cursor = recorded?.cursor ?? null
  if (stream.sync === 'full_refresh' || stream.cursor === null) return 'first'
  if (recorded === null || cursor === null || cursor.column !== stream.cursor) return 'first'
  if (now.system === null || recorded.server.system !== now.system) return 'other-database'
  if (recorded.columns !== columns) return 'other-columns'
  return { cursor, generation: recorded.generation }
}

/** A declared key that the source doesn't enforce may stand in several rows. */
function newest(stream: Stream, table: SourceTable): CopyRead['newest'] {
  if (stream.sync !== 'incremental_dedup' || stream.primaryKey.length === 0) return null
  const enforced = table.unique.some((columns) =>
    columns.every((column) => stream.primaryKey.includes(column)),
  )
  return enforced ? null : { key: stream.primaryKey, cursor: stream.cursor }
}
