import { useState } from 'preact/hooks'
import type { Answer, Chart } from '../../data/answers.ts'
import { Bars } from './bars.tsx'
import { captionOf } from './caption.ts'
import { Columns, MOST_COLUMNS } from './columns.tsx'
import { Lines } from './lines.tsx'
import { Numbers } from './numbers.tsx'
import { RowsTable } from './rows-table.tsx'

/** A chart with its caption, and the same as a table. */
export function ChartFigure({ answer }: { readonly answer: Answer }) {
  const [isTable, setTable] = useState(false)
  const { chart, notes, title } = answer
  if (chart === null) return null
  const isDrawn = chart.type !== 'table' && chart.rows.length > 0
  const caption = captionOf(isTable ? { ...chart, type: 'table' } : chart)
  return (
    <figure class="chart">
      {isTable || !isDrawn ? (
        <RowsTable chart={chart} title={title} />
      ) : (
        <Drawn chart={chart} title={title} />
      )}
      <figcaption>
        {[...caption, ...notes].map((sentence) => (
          <p key={sentence}>{plain(sentence)}</p>
        ))}
        {isDrawn && (
          <button
            type="button"
            class="quiet"
            onClick={() => setTable(!isTable)}
            aria-label={`Show as ${isTable ? 'chart' : 'table'}: ${title}`}
          >
            Show as {isTable ? 'chart' : 'table'}
          </button>
        )}
      </figcaption>
    </figure>
  )
}

/** A sentence with its `code` in backquotes drawn as such. */
function plain(sentence: string) {
  return sentence.split('`').map((part, k) => (k % 2 === 1 ? <code>{part}</code> : part))
}

interface DrawnProps {
  readonly chart: Chart
  readonly title: string
}

function Drawn({ chart, title }: DrawnProps) {
  switch (chart.type) {
    case 'line':
      return <Lines chart={chart} title={title} />
    case 'column':
      return chart.rows.length > MOST_COLUMNS ? (
        <Lines chart={chart} title={title} />
      ) : (
        <Columns chart={chart} title={title} />
      )
    case 'bar':
      return <Bars chart={chart} title={title} />
    case 'number':
      return <Numbers chart={chart} />
    case 'table':
      return <RowsTable chart={chart} title={title} />
  }
}
