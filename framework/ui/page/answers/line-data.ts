import type { Cell, Chart, ChartColumn } from '../../data/answers.ts'

/** Lines that share one axis. */
export interface Panel {
  readonly column: ChartColumn
  /** Seconds since the epoch in UTC, or numbers; ascending. */
  readonly xs: readonly number[]
  /** As the file has them; null for a place where the line is broken. */
  readonly cells: readonly Cell[]
  readonly lines: readonly Line[]
  /** Whether places are left out because the file has no rows there. */
  readonly hasGaps: boolean
}

export interface Line {
  readonly name: string
  readonly values: readonly (number | null)[]
  /** Whether the period is incomplete, at each place. */
  readonly partial: readonly boolean[]
}

/** More lines in one chart can't be told apart. */
export const MOST_LINES = 6

/** What a line chart draws: columns with the same unit share a panel. Pure. */
export function panelsOf(chart: Chart): readonly Panel[] {
  const { columns, rows, x, series, partial, y } = chart
  if (x === null) return []
  const places = placesOf(chart, x)
  const lineOf = (name: string, k: number, own: Chart['rows']): Line => {
    const byX = new Map(own.map((row) => [row[x] ?? null, row]))
    const found = places.cells.map((cell) => (cell === null ? undefined : byX.get(cell)))
    return {
      name,
      values: found.map((row) => (typeof row?.[k] === 'number' ? (row[k] as number) : null)),
      partial: found.map((row) => partial !== null && row?.[partial] === true),
    }
  }
  if (series !== null) {
    const k = y[0]!
    const names = [...new Set(rows.map((row) => row[series] ?? null))].slice(0, MOST_LINES)
    const lines = names.map((name) =>
      lineOf(
        String(name ?? 'none'),
        k,
        rows.filter((row) => (row[series] ?? null) === name),
      ),
    )
    return [{ ...places, column: columns[k]!, lines }]
  }
  const groups = new Map<string, number[]>()
  for (const k of y) {
    const { format, unit } = columns[k]!
    const key = `${format} ${unit}`
    groups.set(key, [...(groups.get(key) ?? []), k])
  }
  return [...groups.values()].map((group) => ({
    ...places,
    column: columns[group[0]!]!,
    lines: group.slice(0, MOST_LINES).map((k) => lineOf(columns[k]!.label, k, rows)),
  }))
}

/** The places of the x axis in order, with one more where periods are missing between two. */
function placesOf({ rows, columns }: Chart, x: number): Pick<Panel, 'xs' | 'cells' | 'hasGaps'> {
  const isNumber = columns[x]!.type === 'number'
  const byX = new Map<number, Cell>()
  for (const row of rows) {
    const cell = row[x] ?? null
    const at = isNumber ? Number(cell) : secondsOf(cell)
    if (cell !== null && !Number.isNaN(at)) byX.set(at, cell)
  }
  const sorted = [...byX.keys()].sort((a, b) => a - b)
  const steps = sorted.slice(1).map((at, k) => at - sorted[k]!)
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
  const isRegular =
    !isNumber && steps.filter((step) => step <= 1.5 * usual).length >= 0.8 * steps.length
  const xs: number[] = []
  const cells: Cell[] = []
  for (const [k, at] of sorted.entries()) {
    if (k > 0 && isRegular && at - sorted[k - 1]! > 1.5 * usual) {
      xs.push(sorted[k - 1]! + usual)
      cells.push(null)
    }
    xs.push(at)
    cells.push(byX.get(at)!)
  }
  return { xs, cells, hasGaps: xs.length > sorted.length }
}

/** Seconds since the epoch of `2007-02-07`, `2007-02`, `2007-02-07 12:00:00`; UTC where no zone is stated. */
export function secondsOf(cell: Cell): number {
  const [, day, time, zone] =
    /^(\d{4}-\d\d(?:-\d\d)?)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(.*)$/.exec(String(cell)) ?? []
  if (day === undefined) return Number.NaN
  const offset = zone === '' || zone === undefined ? 'Z' : zone.replace(/^([+-]\d\d)$/, '$1:00')
  return Date.parse(time === undefined ? day : `${day}T${time}${offset}`) / 1000
}
