import type { ColumnDifference } from '../model/rebuilt.ts'
import type { ColumnDigest } from '../ports/warehouse.ts'

/**
 * The columns in which two unequal relations differ, in the order of the first relation. Empty if only
 * the column order differs. If each column alone holds the same values, the rows combine them
 * differently: the result has each column without which the rows would be equal. Pure.
 */
export function columnDifferences(
  before: readonly ColumnDigest[],
  after: readonly ColumnDigest[],
): readonly ColumnDifference[] {
  const afterByName = new Map(after.map((column) => [column.name, column]))
  const beforeNames = new Set(before.map((column) => column.name))
  const differing = before.flatMap(({ name, type, alone }): readonly ColumnDifference[] => {
    const other = afterByName.get(name)
    if (other === undefined) return [{ column: name, differs: 'gone' }]
    if (other.type !== type) return [{ column: name, differs: 'type' }]
    return other.alone === alone ? [] : [{ column: name, differs: 'values' }]
  })
  const added = after
    .filter(({ name }) => !beforeNames.has(name))
    .map(({ name }): ColumnDifference => ({ column: name, differs: 'new' }))
  if (differing.length + added.length > 0) return [...differing, ...added]
  if (before.some(({ name }, at) => after[at]?.name !== name)) return []
  return before
    .filter(({ name, without }) => afterByName.get(name)?.without === without)
    .map(({ name }) => ({ column: name, differs: 'pairing' }))
}
