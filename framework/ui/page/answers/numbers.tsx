import type { Chart } from '../../data/answers.ts'
import { nameOf, written } from './values.ts'

/** Rows whose numbers are shown large. */
const MOST = 4

/** A few numbers, written large. */
export function Numbers({ chart }: { readonly chart: Chart }) {
  const { columns, rows, x, y, top } = chart
  return (
    <dl class="numbers">
      {rows.slice(0, top ?? MOST).flatMap((row) =>
        y.map((k) => (
          <div>
            <dt>
              {x !== null && `${nameOf(row[x] ?? null, columns[x]!)}: `}
              {columns[k]!.label}
            </dt>
            <dd>{written(row[k] ?? null, columns[k]!)}</dd>
          </div>
        )),
      )}
    </dl>
  )
}
