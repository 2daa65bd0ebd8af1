import type { PageRun } from '../../data/runs.ts'
import { counted, dateTime, took } from '../format.ts'
import { toRun } from '../route.ts'
import { now } from '../store.ts'
import { tallyOf } from './runs-text.ts'

const DAYS = 90
const DAY = 24 * 3_600_000
const WIDTH = 900
const HEIGHT = 150
const FLOOR = HEIGHT - 22
const LEFT = 52

/** The runs of 90 days: a bar for each, as high as it took long. Failed ones stand out by colour and by their mark. */
export function History({ runs }: { readonly runs: readonly PageRun[] }) {
  const end = now.value
  const shown = runs.filter(
    ({ startedAt, finishedAt }) => finishedAt !== null && end - startedAt <= DAYS * DAY,
  )
  if (shown.length < 2) return null
  const first = Math.min(...shown.map(({ startedAt }) => startedAt))
  const span = Math.max(end - first, 1)
  const seconds = (run: PageRun) => (run.finishedAt! - run.startedAt) / 1000
  const longest = Math.max(...shown.map(seconds), 0.001)
  const x = (run: PageRun) => LEFT + ((run.startedAt - first) / span) * (WIDTH - LEFT - 16)
  const y = (value: number) => FLOOR - Math.sqrt(value / longest) * (FLOOR - 14)
  const failed = shown.filter(({ outcome }) => outcome !== 'succeeded').length
  const days = Math.max(1, Math.ceil(span / DAY))
  return (
    <figure class="history">
      <figcaption>
        {counted(shown.length, 'run')} in {counted(days, 'day')}
        {failed > 0 && `, ${failed} of which did not succeed`}. The longest took {took(longest)}.
      </figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be drawn in */}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label="Duration of each run">
        {[longest, longest / 4].map((value) => (
          <g class="tick">
            <line x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value) + 4}>
              {took(value)}
            </text>
          </g>
        ))}
        <line class="floor" x1={LEFT} x2={WIDTH} y1={FLOOR} y2={FLOOR} />
        {shown.map((run) => (
          <a key={run.run} href={toRun(run.run)} aria-label={`Run ${run.run}`} tabIndex={-1}>
            <rect
              class={`bar ${run.outcome}`}
              x={x(run) - 3}
              width={7}
              y={y(seconds(run))}
              height={Math.max(2, FLOOR - y(seconds(run)))}
            >
              <title>{`run ${run.run}, ${dateTime(run.startedAt)}: ${run.outcome} in ${took(seconds(run))}, ${tallyOf(run.counts)}`}</title>
            </rect>
            {run.outcome === 'failed' && (
              <rect
                class="shape failed"
                x={x(run) - 3}
                y={y(seconds(run)) - 10}
                width={7}
                height={7}
              />
            )}
          </a>
        ))}
        <text class="day" x={LEFT} y={HEIGHT - 5}>
          {dateTime(first).slice(0, 10)}
        </text>
        <text class="day end" x={WIDTH} y={HEIGHT - 5}>
          {dateTime(end).slice(0, 10)}
        </text>
      </svg>
    </figure>
  )
}
