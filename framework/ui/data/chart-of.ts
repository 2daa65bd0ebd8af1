import { closest } from '../../lib/did-you-mean.ts'
import {
  type ChartCombine,
  type ChartFormat,
  type ChartType,
  columnsOfChart,
  type DeclaredChart,
  forColumn,
  sortOf,
  yColumns,
} from '../../model/chart.ts'
import { type Cell, type Chart, type ChartColumn, MOST_ROWS } from './answers.ts'
import { formatOf, labelOf } from './column-words.ts'
import { defaultChart, MOST_BARS, MOST_TABLE_ROWS, TIMES } from './default-chart.ts'
import { combineRows, sampleRows, sortRows } from './shape-rows.ts'
import type { TypedColumn, TypedRows } from './typed-rows.ts'

export interface ChartAndNotes {
  readonly chart: Chart
  /** Sentences: what of the declaration could not be followed, and what is left out. */
  readonly notes: readonly string[]
}

/**
 * The chart of rows as it is declared. One that names a column which the rows don't have, or draws texts as numbers, is
 * replaced by the chart that the columns suggest, and a note says why. Pure.
 */
export function chartOf(declared: DeclaredChart | null, data: TypedRows): ChartAndNotes {
  const suggested = defaultChart(data)
  const wanted = declared === null ? suggested : exact(completed(declared, suggested, data), data)
  const faults = declared === null ? [] : faultsOf(wanted, data)
  if (faults.length > 0) {
    const { chart, notes } = chartOf(null, data)
    return { chart, notes: [...faults, ...notes] }
  }
  return drawn(wanted, data)
}

/** With a type, and the columns that it needs. */
function completed(
  declared: DeclaredChart,
  suggested: DeclaredChart,
  { columns }: TypedRows,
): DeclaredChart {
  const { x, y, type } = declared
  if (type !== undefined) return declared
  if (x === undefined && y === undefined) return { ...suggested, ...declared }
  if (x === undefined) return { type: 'number', ...declared }
  if (y === undefined) return { type: 'table', ...declared }
  const isTime = columns.some(({ name, type: is }) => isSame(name, x) && TIMES.has(is))
  return { type: isTime ? 'line' : 'bar', ...declared }
}

const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** With the names of columns as the file spells them: other programs may spell them in capitals. */
function exact(chart: DeclaredChart, { columns }: TypedRows): DeclaredChart {
  const names = new Map(columns.map(({ name }) => [name.toLowerCase(), name]))
  const nameOf = (name: string) =>
    columns.some((column) => column.name === name) ? name : (names.get(name.toLowerCase()) ?? name)
  const entries = Object.entries(chart).map(([key, value]) => {
    if (key === 'x' || key === 'series' || key === 'partial') return [key, nameOf(String(value))]
    if (key === 'y') return [key, yColumns(chart).map(nameOf)]
    if (key === 'sort') {
      const { column, isDescending } = sortOf(String(value))
      return [key, `${nameOf(column)}${isDescending ? ' desc' : ''}`]
    }
    if (typeof value !== 'object') return [key, value]
    return [key, Object.fromEntries(Object.entries(value).map(([k, one]) => [nameOf(k), one]))]
  })
  return Object.fromEntries(entries) as DeclaredChart
}

function faultsOf(chart: DeclaredChart, { columns }: TypedRows): readonly string[] {
  const names = columns.map(({ name }) => name)
  const unknown = [...new Set(columnsOfChart(chart).map(({ name }) => name))]
    .filter((name) => !names.includes(name))
    .map((name) => {
      const similar = closest(name, names)
      return `The file has no column ${name}, which \`chart:\` names${similar === null ? '.' : `; did you mean ${similar}?`}`
    })
  if (unknown.length > 0) return unknown
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type
  const faults: string[] = []
  const { type, x, partial, combine } = chart
  if (type !== 'table') {
    for (const name of yColumns(chart)) {
      if (typeOf(name) === 'number' || forColumn(combine, name) === 'count') continue
      faults.push(`\`chart:\` draws ${name}, which has no numbers in the file.`)
    }
  }
  if (type === 'line' && x !== undefined && !TIMES.has(typeOf(x)!) && typeOf(x) !== 'number') {
    faults.push(
      `\`chart:\` draws a line over ${x}, which has neither times nor numbers in the file.`,
    )
  }
  if (partial !== undefined && typeOf(partial) !== 'boolean') {
    faults.push(`\`partial: ${partial}\` of \`chart:\` has values that are neither true nor false.`)
  }
  return faults
}

function drawn(wanted: DeclaredChart, { columns, rows }: TypedRows): ChartAndNotes {
  const { type = 'table', x, series, partial, sort } = wanted
  const leading = [x, series, partial].filter((name) => name !== undefined)
  const others = columns.map(({ name }) => name).filter((name) => !leading.includes(name))
  const declaredY = yColumns(wanted)
  const y = declaredY.length === 0 ? others : declaredY
  const used = [...new Set([...leading, ...y])]
  const sorting = sort === undefined ? null : sortOf(sort)
  // The column that sorts may be none that is shown. It is cut off in the end.
  const taken = sorting === null ? used : [...used, sorting.column]
  const places = taken.map((name) => columns.findIndex((column) => column.name === name))
  const at = (name: string | undefined) => (name === undefined ? null : used.indexOf(name))
  let shaped: readonly (readonly Cell[])[] = rows.map((row) => places.map((k) => row[k] ?? null))
  if (wanted.combine !== undefined) {
    const keys = [at(x), at(series)].flatMap((k) => k ?? [])
    shaped = combineRows(shaped, keys, combinesOf(taken, leading, wanted))
  }
  const isOverTime = (type === 'line' || type === 'column') && columns[places[0]!]!.type !== 'text'
  if (sorting !== null) shaped = sortRows(shaped, used.length, sorting.isDescending)
  else if (isOverTime) shaped = sortRows(shaped, 0, false)
  const all = shaped.length
  const isSampled = type === 'line' && x !== undefined
  shaped = isSampled ? sampleRows(shaped, 0, MOST_ROWS) : shaped.slice(0, MOST_ROWS)
  shaped = shaped.map((row) => row.slice(0, used.length))
  const chart: Chart = {
    type,
    columns: used.map((name, k) => {
      const column = columns.find((one) => one.name === name)!
      const cells = shaped.map((row) => row[k] ?? null)
      return chartColumn(column, cells, wanted, y.includes(name))
    }),
    rows: shaped,
    x: at(x),
    series: at(series),
    partial: at(partial),
    y: y.map((name) => used.indexOf(name)),
    top: wanted.top ?? topOf(type, series),
  }
  return { chart, notes: all > shaped.length ? [leftOut(shaped.length, all, isSampled)] : [] }
}

/** How each column becomes one value, besides those that rows are combined by. */
function combinesOf(
  names: readonly string[],
  leading: readonly string[],
  { combine }: DeclaredChart,
): ReadonlyMap<number, ChartCombine> {
  return new Map(
    names.flatMap((name, k) =>
      leading.includes(name) ? [] : [[k, forColumn(combine, name) ?? 'sum'] as const],
    ),
  )
}

function chartColumn(
  column: TypedColumn,
  cells: readonly Cell[],
  { combine, format, unit, max, label }: DeclaredChart,
  isY: boolean,
): ChartColumn {
  const { name } = column
  const isCount = isY && forColumn(combine, name) === 'count'
  const type = isCount ? 'number' : column.type
  const stated = isY && type === 'number' ? forColumn(format, name) : null
  const shown = stated ?? (isCount ? 'count' : formatOf(column))
  return {
    name,
    label: label?.[name] ?? labelOf(name),
    type,
    format: shown,
    decimals: decimalsOf(shown, cells),
    unit: isY ? forColumn(unit, name) : null,
    max: isY ? forColumn(max, name) : null,
  }
}

/** Digits behind the point: all values of a column have the same. */
function decimalsOf(format: ChartFormat | null, cells: readonly Cell[]): number {
  if (format === 'money') return 2
  if (format === 'percent') return 1
  const most = format === 'decimal' ? 2 : 1
  const digits = cells.map((cell) =>
    typeof cell === 'number' ? String(Number((cell % 1).toFixed(most))).length - 2 : 0,
  )
  return Math.min(
    most,
    digits.reduce((a, b) => Math.max(a, b), 0),
  )
}

/** The bars and rows that are drawn if the chart doesn't say. */
function topOf(type: ChartType, series: string | undefined): number | null {
  if (type === 'table') return MOST_TABLE_ROWS
  return type === 'bar' && series === undefined ? MOST_BARS : null
}

function leftOut(kept: number, whole: number, isSampled: boolean): string {
  const [some, all] = [kept.toLocaleString('en-US'), whole.toLocaleString('en-US')]
  return isSampled
    ? `The line shows ${some} of ${all} points, evenly chosen.`
    : `The page has the first ${some} of ${all} rows; the file has all.`
}
