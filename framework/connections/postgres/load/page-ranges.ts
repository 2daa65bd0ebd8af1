import type { CopyQuery } from '../copy/copy-statement.ts'
import type { StreamPlan } from './stream-plan.ts'

/** 32 MB of 8 kB pages: large enough for one COPY, and small enough that sessions finish together. */
const RANGE_PAGES = 4096

/**
 * Divides a table into ranges of heap pages. Returns a single `null`, for a read without a range, if the
 * table is small or has no heap, or if the query reads from a cursor on or one row for each key.
 */
export function pageRanges({
  query,
  table,
}: Pick<StreamPlan, 'query' | 'table'>): readonly CopyQuery['pages'][] {
  const count = Math.ceil(table.pages / RANGE_PAGES)
  if (count < 2 || query.since !== null || query.newestByKey !== null) return [null]
  const size = Math.ceil(table.pages / count)
  return Array.from({ length: count }, (_, index) => ({
    from: index * size,
    // The last range is open, because pages may have been added since they were counted.
    to: index === count - 1 ? null : (index + 1) * size,
  }))
}
