import type { Stream } from '../../../model/stream.ts'
import type { SourceTable } from './catalog.ts'

/** How rows that are read on top of a load meet those that are loaded. */
export interface LoadMode {
  /** Rows that are read again replace the loaded ones. */
  readonly merges: boolean
  /** The source has one row for each key, so a row below the cursor is the newest of its key. */
  readonly isKeyUnique: boolean
}

/** The cursor that a stream is read by; null if it is always read in full. */
export function cursorOf({ sync, cursor }: Stream): string | null {
  return sync === 'full_refresh' ? null : cursor
}

export function loadModeOf(stream: Stream, table: Pick<SourceTable, 'unique'>): LoadMode {
  return {
    merges: stream.sync === 'incremental_dedup',
    isKeyUnique: table.unique.some((columns) =>
      columns.every((column) => stream.primaryKey.includes(column)),
    ),
  }
}
