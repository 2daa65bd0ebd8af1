// How the rows of a file are drawn on the page, as `chart:` of an extract declares it.

/**
 * `line`: over time. `column`: upright bars, for a few periods. `bar`: lying bars with names. `number`: large numbers.
 * `table`: the rows themselves.
 */
export const CHART_TYPES = ['line', 'column', 'bar', 'number', 'table'] as const
export type ChartType = (typeof CHART_TYPES)[number]

/** How a number is written: `1,234.50`, `12.3 %`, `1,234`, `1,234.5`. */
export const CHART_FORMATS = ['money', 'percent', 'count', 'decimal'] as const
export type ChartFormat = (typeof CHART_FORMATS)[number]

/** How rows with the same `x` and `series` become one; without either, all of them. */
export const CHART_COMBINES = ['sum', 'mean', 'count', 'min', 'max'] as const
export type ChartCombine = (typeof CHART_COMBINES)[number]

/** One for every column of `y`, or one for each column by its name. */
type ForColumns<T> = T | Readonly<Record<string, T>>

/** `chart:` as it is declared. Names of columns are those of the file. */
export interface DeclaredChart {
  readonly type?: ChartType
  readonly title?: string
  readonly x?: string
  readonly y?: string | readonly string[]
  readonly series?: string
  readonly partial?: string
  readonly sort?: string
  readonly top?: number
  readonly max?: ForColumns<number>
  readonly combine?: ForColumns<ChartCombine>
  readonly format?: ForColumns<ChartFormat>
  readonly unit?: ForColumns<string>
  readonly label?: Readonly<Record<string, string>>
}

/** A name of a column in a chart, and the key that names it, as a path below `chart`. */
export interface ChartColumnName {
  readonly name: string
  readonly path: readonly (string | number)[]
}

/** The columns of `y`, in its order. */
export function yColumns({ y }: DeclaredChart): readonly string[] {
  if (y === undefined) return []
  return typeof y === 'string' ? [y] : y
}

/** Every column that a chart names. */
export function columnsOfChart(chart: DeclaredChart): readonly ChartColumnName[] {
  const single = (['x', 'series', 'partial'] as const).flatMap((key): ChartColumnName[] =>
    chart[key] === undefined ? [] : [{ name: chart[key], path: [key] }],
  )
  const y = yColumns(chart).map((name, k) => ({
    name,
    path: typeof chart.y === 'string' ? ['y'] : ['y', k],
  }))
  const { sort } = chart
  const sorted = sort === undefined ? [] : [{ name: sortOf(sort).column, path: ['sort'] }]
  const keyed = (['max', 'combine', 'format', 'unit', 'label'] as const).flatMap((key) => {
    const value = chart[key]
    return typeof value === 'object'
      ? Object.keys(value).map((name) => ({ name, path: [key, name] }))
      : []
  })
  return [...single, ...y, ...sorted, ...keyed]
}

/** The column and the direction of `sort:`. */
export function sortOf(sort: string): { readonly column: string; readonly isDescending: boolean } {
  const [, column = sort, direction] = /^(.*?)(?:\s+(asc|desc))?$/i.exec(sort.trim()) ?? []
  return { column, isDescending: direction?.toLowerCase() === 'desc' }
}

/** What a value of one column is, of a setting for all columns or for each. */
export function forColumn<T extends string | number>(
  value: ForColumns<T> | undefined,
  column: string,
): T | null {
  if (typeof value !== 'object') return value ?? null
  return Object.hasOwn(value, column) ? (value[column] ?? null) : null
}
