import type { Cell, Chart } from '../../data/answers.ts'
import { type Range, rangeOf, spanOf } from './range.ts'
import { axisLabel, nameOf, written } from './values.ts'

interface BarsProps {
  readonly chart: Chart
  readonly title: string
}

/**
 * Lying bars with names. It is a table: each row has a name, and a bar with its value for each column of `y`. With
 * `series`, each of its values has a block of its own.
 */
export function Bars({ chart, title }: BarsProps) {
  const { rows, series, top, columns } = chart
  const ranges = rangesOf(chart)
  if (series === null) {
    const shown = top === null ? rows : rows.slice(0, top)
    return (
      <Block chart={chart} rows={shown} ranges={ranges} caption={title} isCaptionShown={false} />
    )
  }
  const names = [...new Set(rows.map((row) => row[series] ?? null))]
  return (
    <>
      <p class="axis-label">{axisLabel(columns[chart.y[0]!]!)}</p>
      <div class="blocks">
        {names.map((name) => {
          const own = rows.filter((row) => (row[series] ?? null) === name)
          return (
            <Block
              chart={chart}
              rows={top === null ? own : own.slice(0, top)}
              ranges={ranges}
              caption={nameOf(name, columns[series]!)}
              isCaptionShown={true}
            />
          )
        })}
      </div>
    </>
  )
}

interface BlockProps {
  readonly chart: Chart
  readonly rows: readonly (readonly Cell[])[]
  readonly ranges: ReadonlyMap<number, Range>
  readonly caption: string
  readonly isCaptionShown: boolean
}

function Block({ chart, rows, ranges, caption, isCaptionShown }: BlockProps) {
  const { columns, x, y, partial } = chart
  const name = columns[x!]!
  const widths = widthsOf(chart)
  return (
    <table
      class={`bars of-${Math.min(y.length, 4)}`}
      style={{ '--widest': `${Math.max(...widths.values())}ch` }}
    >
      <caption class={isCaptionShown ? undefined : 'hidden'}>{caption}</caption>
      <thead class={isCaptionShown ? 'hidden' : undefined}>
        <tr>
          <th scope="col">
            <span class="hidden">{name.label}</span>
          </th>
          {y.map((k) => (
            <th scope="col">{axisLabel(columns[k]!)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr class={partial !== null && row[partial] === true ? 'partial' : undefined}>
            <th scope="row">{nameOf(row[x!] ?? null, name)}</th>
            {y.map((k, place) => {
              const cell = row[k] ?? null
              const { from, size } = spanOf(cell, ranges.get(k)!)
              return (
                <td>
                  <span class="measure" aria-hidden="true">
                    {axisLabel(columns[k]!)}
                  </span>
                  <span class="cell">
                    <span class="value" style={{ '--own': `${widths.get(k)!}ch` }}>
                      {written(cell, { ...columns[k]!, unit: null })}
                    </span>
                    <span class="track">
                      <span
                        class={`fill tone-${place % 4}`}
                        style={{ left: `${from}%`, width: `${size}%` }}
                      />
                    </span>
                  </span>
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The range of each column of `y`: each has a scale of its own. */
function rangesOf({ columns, rows, y, top, series }: Chart): ReadonlyMap<number, Range> {
  const shown = top === null || series !== null ? rows : rows.slice(0, top)
  return new Map(
    y.map(
      (k) =>
        [
          k,
          rangeOf(
            shown.map((row) => row[k] ?? null),
            columns[k]!.max,
          ),
        ] as const,
    ),
  )
}

/** The characters that the longest value of each column of `y` has. */
function widthsOf({ columns, rows, y }: Chart): ReadonlyMap<number, number> {
  return new Map(
    y.map((k) => {
      const texts = rows.map((row) => written(row[k] ?? null, { ...columns[k]!, unit: null }))
      return [k, texts.reduce((most, text) => Math.max(most, text.length), 1)] as const
    }),
  )
}
