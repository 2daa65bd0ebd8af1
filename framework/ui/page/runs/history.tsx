import type { PageRun } from '../../data/runs.ts'
import { counted, dateTime, took } from '../format.ts'
import { toRun } from '../route.ts'
import { now } from '../store.ts'
import { tallyOf } from './runs-text.ts'

const DAYS = 90
const DAY = 24 * 3_600_000
const WIDTH = 900
const LEFT = 70
/** Where the bars of durations stand, and those of steps below them. */
const FLOOR = 118
const STEPS_TOP = 142
const STEPS_FLOOR = 206
const HEIGHT = 228
const BAR = 7

/** What became of the assets of a run, from the floor up. */
const PARTS = [
  { name: 'built', of: ['built', 'unchanged', 'adopted'] },
  { name: 'released', of: ['released'] },
  { name: 'failed', of: ['failed', 'blocked', 'cancelled'] },
] as const

/** The runs of 90 days: how long each took, and below it how many assets it built, released and failed to build. */
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
  const most = Math.max(...shown.map(totalOf), 1)
  const x = (run: PageRun) => LEFT + ((run.startedAt - first) / span) * (WIDTH - LEFT - 16)
  const y = (value: number) => FLOOR - Math.sqrt(value / longest) * (FLOOR - 14)
  const failed = shown.filter(({ outcome }) => outcome !== 'succeeded').length
  const days = Math.max(1, Math.ceil(span / DAY))
  return (
    <figure class="history">
      <figcaption>
        {counted(shown.length, 'run')} in {counted(days, 'day')}
        {failed > 0 && `, ${failed} of which did not succeed`}. The longest took {took(longest)}.
        Below, the assets of each run: built, released (hollow), failed or blocked (red).
      </figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be drawn in */}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label="Duration and steps of runs">
        {[longest, longest / 4].map((value) => (
          <Tick y={y(value)} text={took(value)} />
        ))}
        <Tick y={STEPS_TOP} text={counted(most, 'asset')} />
        <line class="floor" x1={LEFT} x2={WIDTH} y1={FLOOR} y2={FLOOR} />
        <line class="floor" x1={LEFT} x2={WIDTH} y1={STEPS_FLOOR} y2={STEPS_FLOOR} />
        {shown.map((run) => (
          <a key={run.run} href={toRun(run.run)} aria-label={`Run ${run.run}`} tabIndex={-1}>
            <title>{`run ${run.run}, ${dateTime(run.startedAt)}: ${run.outcome} in ${took(seconds(run))}, ${tallyOf(run.counts)}`}</title>
            <rect
              class={`bar ${run.outcome}`}
              x={x(run) - BAR / 2}
              width={BAR}
              y={y(seconds(run))}
              height={Math.max(2, FLOOR - y(seconds(run)))}
            />
            {run.outcome === 'failed' && (
              <rect
                class="shape failed"
                x={x(run) - BAR / 2}
                y={y(seconds(run)) - 10}
                width={BAR}
                height={BAR}
              />
            )}
            {stackOf(run, most).map(({ name, from, to }) => (
              <rect
                class={`bar ${name}`}
                x={x(run) - BAR / 2}
                width={BAR}
                y={to}
                height={from - to}
              />
            ))}
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

function Tick({ y, text }: { readonly y: number; readonly text: string }) {
  return (
    <g class="tick">
      <line x1={LEFT} x2={WIDTH} y1={y} y2={y} />
      <text x={LEFT - 6} y={y + 4}>
        {text}
      </text>
    </g>
  )
}

type Part = (typeof PARTS)[number]

function countOf({ counts }: PageRun, { of }: Part): number {
  return of.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0)
}

function totalOf(run: PageRun): number {
  return PARTS.reduce((sum, part) => sum + countOf(run, part), 0)
}

/** The parts of a run as bars on each other. Any that is not zero can be seen. */
function stackOf(run: PageRun, most: number) {
  let floor = STEPS_FLOOR
  return PARTS.flatMap((part) => {
    const count = countOf(run, part)
    if (count === 0) return []
    const from = floor
    floor -= Math.max(2, (count / most) * (STEPS_FLOOR - STEPS_TOP))
    return [{ name: part.name, from, to: floor }]
  })
}
