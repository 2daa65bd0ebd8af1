import type { DeclaredChart } from '../../model/chart.ts'
import { formatOf, isMeasure } from './column-words.ts'
import type { TypedRows } from './typed-rows.ts'

/** Bars that a reader still takes in at once. */
export const MOST_BARS = 15
/** Rows of a table that are shown at first. */
export const MOST_TABLE_ROWS = 10
const MOST_NUMBERS = 6
/** Lines in one chart. */
const MOST_SERIES = 5
/** Names with more categories are a list, no chart. */
const MOST_NAMES = 200
/** Periods that are drawn as columns instead of a line. */
const MOST_COLUMNS = 12

/**
 * The chart of rows whose extract declares none. Times and a number make a line, names and a number make bars, one row makes
 * numbers, all others a table. Pure.
 */
export function defaultChart({ columns, rows }: TypedRows): DeclaredChart {
  const table: DeclaredChart = { type: 'table', top: MOST_TABLE_ROWS }
  const amounts = columns.filter(isMeasure)
  const money = amounts.find((column) => formatOf(column) === 'money') ?? amounts[0]
  const measures = [money, ...amounts.filter((column) => column !== money)].flatMap(
    (column) => column?.name ?? [],
  )
  const [first] = measures
  if (first === undefined || rows.length === 0) return table
  if (rows.length === 1) return { type: 'number', y: measures.slice(0, MOST_NUMBERS) }
  const distinct = (name: string) => {
    const k = columns.findIndex((column) => column.name === name)
    return new Set(rows.map((row) => row[k])).size
  }
  const partial = columns.find(({ name, type }) => type === 'boolean' && /partial/i.test(name))
  const marks = partial === undefined ? {} : { partial: partial.name }
  const time = columns.find(({ type }) => TIMES.has(type))
  const texts = columns.filter(({ type }) => type === 'text').map(({ name }) => name)
  if (time !== undefined) {
    const times = distinct(time.name)
    if (times === rows.length && times > 1) {
      const type = times <= MOST_COLUMNS ? 'column' : 'line'
      return { type, x: time.name, y: measures.slice(0, 2), ...marks }
    }
    const [series, ...more] = texts
    const isSplit =
      series !== undefined &&
      more.length === 0 &&
      distinct(series) <= MOST_SERIES &&
      times * distinct(series) >= rows.length
    return isSplit && times > 1 ? { type: 'line', x: time.name, y: first, series } : table
  }
  const name = texts.find((text) => distinct(text) === rows.length)
  if (name === undefined || rows.length > MOST_NAMES) return table
  return { type: 'bar', x: name, y: measures.slice(0, 2), sort: `${first} desc`, top: MOST_BARS }
}

export const TIMES: ReadonlySet<string> = new Set(['month', 'date', 'time'])
