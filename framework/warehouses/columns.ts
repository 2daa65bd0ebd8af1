import { hash } from '../lib/hash.ts'

/** A column of a relation. The type is spelled as in the warehouse. */
export interface Column {
  readonly name: string
  readonly type: string
}

/** Columns that change whenever a row is loaded again. They are not content (SEMANTICS 2). */
const BOOKKEEPING = /^(_airbyte_.*|_ab_cdc_lsn|_ab_cdc_updated_at)$/i

/**
 * The column that marks a row as deleted. Its time is not content, but whether it is NULL is: a soft
 * delete changes nothing else in the row.
 */
export const isDeletionTime = ({ name }: Column): boolean =>
  name.toLowerCase() === '_ab_cdc_deleted_at'

/** The columns that are content, in their order in the relation. */
export function contentColumns<C extends Column>(
  columns: readonly C[],
  volatile: readonly string[],
): readonly C[] {
  const left = new Set(volatile.map((name) => name.toLowerCase()))
  return columns.filter(({ name }) => !BOOKKEEPING.test(name) && !left.has(name.toLowerCase()))
}

/** The volatile columns that the relation has: lower case, in their order in the relation. */
export function volatileColumns(
  columns: readonly Column[],
  volatile: readonly string[],
): readonly string[] {
  const left = new Set(volatile.map((name) => name.toLowerCase()))
  return columns.flatMap(({ name }) => (left.has(name.toLowerCase()) ? [name.toLowerCase()] : []))
}

/** Hash of the ordered names and types. A view over the relation was compiled against them. */
export function shapeHash(columns: readonly Column[]): string {
  return hash(JSON.stringify(columns.map(({ name, type }) => [name, type])))
}
