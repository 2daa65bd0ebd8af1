import type { Cell } from '../../data/answers.ts'

/** Where an axis begins and ends. It has the zero. */
export interface Range {
  readonly least: number
  readonly most: number
}

/** The range of values. `end`: where it ends at least; null: at the largest. */
export function rangeOf(cells: readonly Cell[], end: number | null): Range {
  const numbers = cells.filter((cell) => typeof cell === 'number')
  const least = numbers.reduce((a, b) => Math.min(a, b), 0)
  const most = numbers.reduce((a, b) => Math.max(a, b), end ?? 0)
  return { least, most: most === least ? least + 1 : most }
}

/** Where the bar of a value lies in a range: percent of its length. */
export function spanOf(
  cell: Cell,
  { least, most }: Range,
): { readonly from: number; readonly size: number } {
  const value = typeof cell === 'number' ? cell : 0
  const part = (number: number) => ((number - least) / (most - least)) * 100
  const from = part(Math.min(0, value))
  return { from, size: part(Math.max(0, value)) - from }
}
