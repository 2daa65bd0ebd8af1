import type { ChartCombine } from '../../model/chart.ts'
import type { Cell } from './answers.ts'

type Row = readonly Cell[]

/**
 * Makes one of the rows that are equal in `keys`: `hows` has an entry for each further column. Null values don't count.
 * Columns are indices. In the order in which keys first occur. Pure.
 */
export function combineRows(
  rows: readonly Row[],
  keys: readonly number[],
  hows: ReadonlyMap<number, ChartCombine>,
): Row[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(keys.map((k) => row[k]))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()].map((group) =>
    group[0]!.map((cell, k) => {
      const how = hows.get(k)
      return how === undefined
        ? cell
        : combined(
            group.flatMap((row) => row[k] ?? []),
            how,
          )
    }),
  )
}

function combined(cells: readonly Exclude<Cell, null>[], how: ChartCombine): number | null {
  if (how === 'count') return cells.length
  const numbers = cells.filter((cell) => typeof cell === 'number')
  if (numbers.length === 0) return null
  switch (how) {
    case 'sum':
      return sumOf(numbers)
    case 'mean':
      return sumOf(numbers) / numbers.length
    case 'min':
      return numbers.reduce((a, b) => Math.min(a, b))
    case 'max':
      return numbers.reduce((a, b) => Math.max(a, b))
  }
}

/** The sum, without the error that adding money one by one collects (Kahan). */
function sumOf(numbers: readonly number[]): number {
  let sum = 0
  let lost = 0
  for (const number of numbers) {
    const next = number - lost
    const total = sum + next
    lost = total - sum - next
    sum = total
  }
  return Number(sum.toPrecision(15))
}

/** The rows in the order of one column, null last. Equal ones keep their order. */
export function sortRows(rows: readonly Row[], column: number, isDescending: boolean): Row[] {
  const sign = isDescending ? -1 : 1
  return [...rows].sort((a, b) => {
    const [left, right] = [a[column] ?? null, b[column] ?? null]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    if (left === right) return 0
    return (left < right ? -1 : 1) * sign
  })
}

/** No more rows than `most`, evenly chosen by their values in one column. The last value is kept. */
export function sampleRows(rows: readonly Row[], column: number, most: number): Row[] {
  if (rows.length <= most) return [...rows]
  const values = [...new Set(rows.map((row) => row[column] ?? null))]
  const step = Math.ceil(rows.length / most)
  const kept = new Set(values.filter((_, k) => (values.length - 1 - k) % step === 0))
  return rows.filter((row) => kept.has(row[column] ?? null)).slice(-most)
}
