import type { CopyRead } from '../copy/copy-statement.ts'
import type { StreamPlan } from './stream-plan.ts'

/** 32 MB of 8 kB pages: enough work for one COPY, and small enough that sessions end together. */
const RANGE_PAGES = 4096

/**
 * The ranges of heap pages that together are the whole table, or one read without a range when it
 * can't be cut: rows from a cursor on (an index finds those), one row for each key, no heap.
 */
export function pageRanges({
  read,
  table,
}: Pick<StreamPlan, 'read' | 'table'>): readonly CopyRead['pages'][] {
  const count = Math.ceil(table.pages / RANGE_PAGES)
  if (count < 2 || read.since !== null || read.newest !== null) return [null]
  const size = Math.ceil(table.pages / count)
  return Array.from({ length: count }, (_, index) => ({
    from: index * size,
    // Rows may have been written behind the last page counted.
    to: index === count - 1 ? null : (index + 1) * size,
  }))
}
