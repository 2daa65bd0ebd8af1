import type { ColumnDifference } from '../model/rebuilt.ts'
import type { ColumnDigest } from '../ports/warehouse.ts'

/**
 * The columns in which two relations that are not equal differ, in the order of the first; none where
 * they only stand in another order. Where each column alone holds the same values, the ones without
 * which the rows would be equal are to blame. Pure.
 */
export function columnDifferences(
  before: readonly ColumnDigest[],
  after: readonly ColumnDigest[],
): readonly ColumnDifference[] {
  const now = new Map(after.map((column) => [column.name, column]))
  const known = new Set(before.map((column) => column.name))
  const differing = before.flatMap(({ name, type, alone }): readonly ColumnDifference[] => {
    const other = now.get(name)
    if (other === undefined) return [{ column: name, differs: 'gone' }]
    if (other.type !== type) return [{ column: name, differs: 'type' }]
    return other.alone === alone ? [] : [{ column: name, differs: 'values' }]
  })
  const added = after
    .filter(({ name }) => !known.has(name))
    .map(({ name }): ColumnDifference => ({ column: name, differs: 'new' }))
  if (differing.length + added.length > 0) return [...differing, ...added]
  if (before.some(({ name }, at) => after[at]?.name !== name)) return []
  return before
    .filter(({ name, without }) => now.get(name)?.without === without)
    .map(({ name }) => ({ column: name, differs: 'pairing' }))
}
