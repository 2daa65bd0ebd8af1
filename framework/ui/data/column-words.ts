import type { ChartFormat } from '../../model/chart.ts'
import type { TypedColumn } from './typed-rows.ts'

/** A column in plain words: `Average days kept` for `avg_days_kept`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[_\s]+/)
    .filter((word) => word !== '')
    .map((word) => WORDS[word.toLowerCase()] ?? word)
  const text = words.join(' ').trim()
  return text === '' ? name : text[0]!.toUpperCase() + text.slice(1)
}

const WORDS: Readonly<Record<string, string>> = { avg: 'average', pct: '%', num: 'number of' }

/** How the numbers of a column are written if its chart doesn't say; null for numbers that are no amounts. */
export function formatOf(column: TypedColumn): ChartFormat | null {
  const { name, decimals } = column
  if (!isMeasure(column)) return null
  if (/(?:^|_)(?:pct|percent|percentage)$/i.test(name)) return 'percent'
  const [least, most] = decimals
  if (most === 0) return 'count'
  return MONEY.test(name) || (least === 2 && most === 2) ? 'money' : 'decimal'
}

const MONEY = /(?:^|_)(?:revenue|sales|amount|price|cost|profit|monetary|payment)s?$/i

/** Whether a column has amounts, and not numbers that identify or rank something. */
export function isMeasure({ name, type }: Pick<TypedColumn, 'name' | 'type'>): boolean {
  return type === 'number' && !/(?:^|_)(?:id|key|rank|year|month|no|code)$/i.test(name)
}
