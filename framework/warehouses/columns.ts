import { hash } from '../lib/hash.ts'

/** A column of a relation, its type as the warehouse spells it. */
export interface Column {
  readonly name: string
  readonly type: string
}

/** Moves whenever a row is loaded again, so it is no content (SEMANTICS 2). */
const BOOKKEEPING = /^(_airbyte_.*|_ab_cdc_lsn|_ab_cdc_updated_at)$/i

/** Its time is bookkeeping, but a row that is deleted softly changes nothing else. */
export const isDeletionMark = ({ name }: Column): boolean =>
  name.toLowerCase() === '_ab_cdc_deleted_at'

/** The columns that are content, in order. */
export function contentColumns<C extends Column>(
  columns: readonly C[],
  volatile: readonly string[],
): readonly C[] {
  const left = new Set(volatile.map((name) => name.toLowerCase()))
  return columns.filter(({ name }) => !BOOKKEEPING.test(name) && !left.has(name.toLowerCase()))
}

/** Of the volatile columns those that a relation has, in one spelling and order. */
export function columnsLeftOut(
  columns: readonly Column[],
  volatile: readonly string[],
): readonly string[] {
  const left = new Set(volatile.map((name) => name.toLowerCase()))
  return columns.flatMap(({ name }) => (left.has(name.toLowerCase()) ? [name.toLowerCase()] : []))
}

/** Hash of the ordered names and types: what a view above was compiled against. */
export function shapeHash(columns: readonly Column[]): string {
  return hash(JSON.stringify(columns.map(({ name, type }) => [name, type])))
}
