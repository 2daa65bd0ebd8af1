import type { Chart } from '../../data/answers.ts'
import { rangeOf, spanOf } from './range.ts'
import { axisLabel, nameOf, roundUp, tick, written } from './values.ts'

/** Columns that still have room for their names. */
export const MOST_COLUMNS = 36
/** Columns that have room for their values. */
const MOST_VALUES = 12

interface ColumnsProps {
  readonly chart: Chart
  readonly title: string
}

/** Upright bars, one for each period; a panel for each column of `y`. */
export function Columns({ chart, title }: ColumnsProps) {
  return (
    <>
      {chart.y.map((k) => (
        <Panel key={k} chart={chart} title={title} k={k} />
      ))}
    </>
  )
}

function Panel({ chart, title, k }: ColumnsProps & { readonly k: number }) {
  const { columns, x, partial, top } = chart
  const rows = top === null ? chart.rows : chart.rows.slice(0, top)
  const column = columns[k]!
  const found = rangeOf(
    rows.map((row) => row[k] ?? null),
    column.max,
  )
  const range = { least: -roundUp(-found.least), most: roundUp(found.most) }
  const ticks = [range.most, range.most / 2, 0, ...(range.least < 0 ? [range.least] : [])]
  const nameAt = columns[x!]!
  return (
    <>
      <p class="axis-label">{axisLabel(column)}</p>
      <div
        class={rows.length > MOST_VALUES ? 'columns many' : 'columns'}
        role="img"
        aria-label={`${title} ${rows
          .map((row) => {
            const mark = partial !== null && row[partial] === true ? ' (partial)' : ''
            return `${nameOf(row[x!] ?? null, nameAt)}${mark}: ${written(row[k] ?? null, column)}`
          })
          .join(', ')}`}
      >
        <div class="plot">
          {ticks.map((value) => (
            <div
              class={value === 0 ? 'grid zero' : 'grid'}
              style={{
                bottom: `${spanOf(value, range).from + (value > 0 ? spanOf(value, range).size : 0)}%`,
              }}
            >
              <span>{tick(value, column.format)}</span>
            </div>
          ))}
          {rows.map((row) => {
            const cell = row[k] ?? null
            const { from, size } = spanOf(cell, range)
            const isPartial = partial !== null && row[partial] === true
            const name = nameOf(row[x!] ?? null, nameAt)
            return (
              <div
                class={isPartial ? 'column partial' : 'column'}
                title={`${name}: ${written(cell, column)}${isPartial ? ' (partial)' : ''}`}
              >
                <div class="fill" style={{ bottom: `${from}%`, height: `${size}%` }} />
                <span class="value" style={{ bottom: `${from + size}%` }}>
                  {written(cell, { ...column, unit: null })}
                </span>
              </div>
            )
          })}
        </div>
        <div class="names">
          {rows.map((row) => (
            <span>
              {nameOf(row[x!] ?? null, nameAt)}
              {partial !== null && row[partial] === true && <em>partial</em>}
            </span>
          ))}
        </div>
      </div>
    </>
  )
}
