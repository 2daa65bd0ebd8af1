import { useState } from 'preact/hooks'
import type { Chart } from '../../data/answers.ts'
import { grouped } from '../format.ts'
import { axisLabel, written } from './values.ts'

interface RowsTableProps {
  readonly chart: Chart
  readonly title: string
}

/** Rows of a table that are shown before the others are asked for. */
const FEW = 10

/** The rows of a chart as a table. */
export function RowsTable({ chart, title }: RowsTableProps) {
  const [isWhole, setWhole] = useState(false)
  const { columns, rows, x, top, type } = chart
  const few = type === 'table' ? (top ?? FEW) : FEW
  const shown = isWhole ? rows : rows.slice(0, few)
  const number = (k: number) =>
    columns[k]!.type === 'number' && columns[k]!.format !== null ? 'number' : undefined
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" aria-label={`Table: ${title}`} tabIndex={0}>
        <table class="rows">
          <caption class="hidden">{title}</caption>
          <thead>
            <tr>
              {columns.map((column, k) => (
                <th scope="col" class={number(k)}>
                  {axisLabel(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr>
                {columns.map((column, k) => {
                  const text = written(row[k] ?? null, { ...column, unit: null })
                  return k === x ? <th scope="row">{text}</th> : <td class={number(k)}>{text}</td>
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > few && (
        <p>
          <button type="button" class="quiet" onClick={() => setWhole(!isWhole)}>
            {isWhole ? `Show ${few} rows` : `Show all ${grouped(rows.length)} rows`}
          </button>
        </p>
      )}
    </>
  )
}
