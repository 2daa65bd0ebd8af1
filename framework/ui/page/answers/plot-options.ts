import type uPlot from 'uplot'
import type { Chart } from '../../data/answers.ts'
import type { Panel } from './line-data.ts'
import { roundUp, tick, timeTicks } from './values.ts'

/** How lines differ besides their colours. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 4],
  [2, 3],
  [10, 3, 2, 3],
  [4, 2],
  [14, 4],
]
/** Lines with more values have no points. */
const MOST_POINTS = 31
/** How a line leads to partial periods. */
const PARTIAL = [4, 4]

interface MarkName {
  readonly width: number
  readonly height: number
  /** The value of a colour of the style sheet. */
  readonly colour: (variable: string) => string
  /** Is told which place the pointer is at; null: none. */
  readonly tell: (place: number | null) => void
}

/** How uPlot draws a panel. Times are in UTC. */
export function plotOptions(
  chart: Chart,
  { column, lines }: Panel,
  { width, height, colour, tell }: MarkName,
): uPlot.Options {
  const isTime = chart.columns[chart.x!]!.type !== 'number'
  const faint = colour('faint')
  const rule = { stroke: colour('rule'), width: 1 }
  const font = '12px system-ui, sans-serif'
  const paper = colour('raised')
  const axis = { stroke: faint, font, ticks: rule }
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
    tzDate: (seconds) => {
      // uPlot reads local times of dates: this one has the hours of UTC.
      const at = new Date(seconds * 1000)
      return new Date(at.getTime() + at.getTimezoneOffset() * 60_000)
    },
    scales: {
      x: { time: isTime },
      y: { range: (_plot, least, most) => rangeOf(least, most, column.max) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: width < 500 ? 44 : 64,
        ...(isTime
          ? { values: (_plot, ticks, _axis, _space, step) => timeTicks(ticks, step) }
          : {}),
      },
      {
        ...axis,
        grid: rule,
        size: 58,
        values: (_plot, ticks) => ticks.map((value) => tick(value, column.format)),
      },
    ],
    series: [
      {},
      ...lines.map(({ name, values }, k): uPlot.Series => {
        const dash = DASHES[k]!
        return {
          label: name,
          stroke: colour(`tone-${k}`),
          width: 2,
          ...(dash.length === 0 ? {} : { dash: [...dash] }),
          points: {
            show: true,
            size: 6,
            fill: colour(`tone-${k}`),
            filter: () => pointsOf(values),
          },
        }
      }),
      ...lines.map(({ name, partial }, k): uPlot.Series => {
        const places = partial.flatMap((is, place) => (is ? [place] : []))
        return {
          label: `${name}, partial`,
          stroke: colour(`tone-${k}`),
          width: 2,
          dash: PARTIAL,
          points: { show: true, size: 8, fill: paper, filter: () => places },
        }
      }),
    ],
    hooks: {
      setCursor: [({ cursor }) => tell(cursor.idx ?? null)],
    },
  }
}

/** Few values are points too; of many, only those that no line leads to. */
function pointsOf(values: readonly (number | null)[]): number[] {
  const isFew = values.length <= MOST_POINTS
  return values.flatMap((value, k) => {
    const isAlone = (values[k - 1] ?? null) === null && (values[k + 1] ?? null) === null
    return value !== null && (isFew || isAlone) ? [k] : []
  })
}

/** The axis of the values begins at zero, so that heights can be compared. */
function rangeOf(
  least: number | null,
  most: number | null,
  end: number | null,
): uPlot.Range.MinMax {
  const low = -roundUp(-Math.min(0, least ?? 0))
  const high = roundUp(Math.max(end ?? 0, most ?? 0))
  return [low, high === low ? low + 1 : high]
}
