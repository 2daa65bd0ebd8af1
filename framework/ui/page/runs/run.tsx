import { useMemo, useState } from 'preact/hooks'
import type { PageRunDetail, PageStep } from '../../data/runs.ts'
import { dateTime, timeOfDay, took } from '../format.ts'
import { useDocument } from '../parts/document.ts'
import { toAsset } from '../route.ts'
import { assetsByName, liveRun, liveSteps, now, overview } from '../store.ts'
import { type Bar, type Gantt, ganttOf } from './gantt.ts'
import { Outcome } from './outcome.tsx'
import { durationOf, liveText, savedBy, tallyOf } from './runs-text.ts'

/** One run: its bars, and what it said. */
export function RunView({ run }: { readonly run: number }) {
  const loaded = useDocument<PageRunDetail>(`run/${run}`)
  const live = liveRun.value?.run === run ? liveRun.value : null
  const saved = loaded.is === 'there' ? loaded.document : null
  // The saved one has more of each step that ended, the live one is newer.
  const shown =
    saved === null ? live : live === null ? saved : { ...saved, ...live, steps: saved.steps }
  if (shown === null) {
    return (
      <p class="note">
        {loaded.is === 'missing' ? `Run ${run}: ${loaded.message}` : 'Reading the run…'}
      </p>
    )
  }
  return (
    <div class="run-page">
      <h2>
        Run {shown.run} <Outcome outcome={shown.outcome} />
      </h2>
      <dl class="facts">
        <dt>Command</dt>
        <dd>
          <code>assets {shown.command}</code>
          {shown.job !== null && ` (job ${shown.job})`}
        </dd>
        <dt>Started</dt>
        <dd>
          {dateTime(shown.startedAt)}, took {durationOf(shown)}
        </dd>
        <dt>Steps</dt>
        <dd>{tallyOf(countsOf(shown))}</dd>
        {savedBy(shown) !== '–' && (
          <>
            <dt>Time saved</dt>
            <dd>{savedBy(shown)}, compared with building everything that was asked for</dd>
          </>
        )}
      </dl>
      {shown.outcome === 'running' && <Now run={shown} />}
      <Bars run={shown} />
      <Log run={shown} />
    </div>
  )
}

/** The counts of a run that goes on are those of its log. */
function countsOf(run: PageRunDetail): PageRunDetail['counts'] {
  if (run.outcome !== 'running') return run.counts
  const counts: Record<string, number> = {}
  for (const { event } of run.events) {
    if (event.event !== 'step_finished') continue
    const outcome = String(event.outcome)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

/** What the steps and calls that run now are doing. */
function Now({ run }: { readonly run: PageRunDetail }) {
  const known = new Map(
    run.progress.flatMap((event) =>
      event.event === 'step_progress' ? [[event.asset, event]] : [],
    ),
  )
  const waits = run.progress.filter((event) => event.event === 'batch_progress')
  const running = [...liveSteps.value].filter(([, { state }]) => state === 'running')
  return (
    <section class="now">
      <h3>{liveText(run)}</h3>
      <div class="scroll">
        <table class="rows">
          <caption class="hidden">What runs now</caption>
          <thead class="hidden">
            <tr>
              <th>Step</th>
              <th>Time</th>
              <th>How far</th>
              <th>Details</th>
            </tr>
          </thead>
          <tbody>
            {waits.map(({ batch, message }) => (
              <tr key={`batch ${batch}`}>
                <td>{batch === 0 ? 'the run' : `call ${batch}`}</td>
                <td />
                <td />
                <td>{message}</td>
              </tr>
            ))}
            {running.map(([name, { since }]) => {
              const { amount, message, phase } = known.get(name) ?? {}
              return (
                <tr key={name}>
                  <td>
                    <a href={toAsset(name)}>{name}</a>
                  </td>
                  <td class="number">{took(Math.max(0, now.value - since) / 1000)}</td>
                  <td>
                    {amount?.of != null && amount.of > 0 && (
                      <progress
                        max={amount.of}
                        value={amount.done}
                        aria-label={`${name}: ${phase}`}
                      />
                    )}
                  </td>
                  <td>{message ?? 'running'}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const ROW = 22
const WIDTH = 1000
const TOP = 24

function Bars({ run }: { readonly run: PageRunDetail }) {
  const [hovered, setHovered] = useState<Bar | null>(null)
  const isLive = run.outcome === 'running'
  const at = isLive ? now.value : 0
  const gantt = useMemo(() => ganttOf(run, at, inputsOf), [run, at])
  if (gantt.lanes.length + gantt.released.length === 0) {
    return <p class="note">No step ran: everything was fresh.</p>
  }
  const { lanes, released } = gantt
  const height = TOP + (lanes.length + (released.length > 0 ? 1 : 0)) * ROW + 8
  const x = (time: number) => ((time - gantt.from) / (gantt.to - gantt.from)) * WIDTH
  return (
    <figure class="gantt">
      <figcaption>
        Each bar is a step; the outlined ones made the run as long as it was. Hollow diamonds did
        not have to run.
      </figcaption>
      <div class="plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${height}`}
          preserveAspectRatio="none"
          height={height}
          role="img"
          aria-label={`Steps of run ${run.run} in time; the table below has them in words`}
        >
          {ticksOf(gantt).map((time) => (
            <line
              class="tick"
              x1={x(time)}
              x2={x(time)}
              y1={TOP - 4}
              y2={height}
              vector-effect="non-scaling-stroke"
            />
          ))}
          {lanes.map((lane, row) =>
            lane.bars.map((bar) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the log below says the same in words
              <rect
                key={bar.name}
                class={`bar ${bar.outcome}${bar.isCheck ? ' check' : ''}${bar.isCritical ? ' critical' : ''}`}
                x={x(bar.from)}
                y={TOP + row * ROW + 2}
                width={Math.max(2, x(bar.to) - x(bar.from))}
                height={ROW - 4}
                vector-effect="non-scaling-stroke"
                onMouseEnter={() => setHovered(bar)}
                onClick={() => setHovered(bar)}
              />
            )),
          )}
        </svg>
        <div class="labels" aria-hidden="true">
          {ticksOf(gantt).map((time) => (
            <span class="time" style={{ left: `${x(time) / 10}%` }}>
              {took((time - gantt.from) / 1000)}
            </span>
          ))}
          {lanes.flatMap((lane, row) =>
            lane.bars
              .filter((bar) => (x(bar.to) - x(bar.from)) / WIDTH > 0.06)
              .map((bar) => (
                <span
                  class={bar.outcome === 'starting' ? 'name starting' : 'name'}
                  style={{
                    left: `${x(bar.from) / 10}%`,
                    top: `${TOP + row * ROW + 2}px`,
                    width: `${(x(bar.to) - x(bar.from)) / 10}%`,
                  }}
                >
                  {bar.name}
                </span>
              )),
          )}
          {released.map((bar) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the log below says the same in words
            <span
              class="released"
              style={{
                left: `${Math.min(99, x(bar.to) / 10)}%`,
                top: `${TOP + lanes.length * ROW + 4}px`,
              }}
              onMouseEnter={() => setHovered(bar)}
            >
              ◇
            </span>
          ))}
        </div>
      </div>
      <p class="hovered" aria-live="polite">
        {hovered === null ? 'Point at a bar to see what it did and why.' : textOf(hovered)}
      </p>
    </figure>
  )
}

function inputsOf(name: string): readonly string[] {
  const assets = overview.value?.assets ?? []
  const asset = assetsByName.value.get(name)?.asset
  const inputs =
    asset?.inputs ?? overview.value?.checks.find((check) => check.name === name)?.reads ?? []
  return inputs.map((i) => assets[i]!.name)
}

function textOf({ name, outcome, from, to, step }: Bar): string {
  const rows = step?.rows == null ? '' : `, ${step.rows.toLocaleString('en-US')} rows`
  const why = step === null ? '' : [...step.reasons, step.note ?? ''].filter(Boolean).join('; ')
  const time = outcome === 'released' ? 'its inputs came out the same' : took((to - from) / 1000)
  return `${name}: ${outcome}, ${time}${rows}${why && ` (${why})`}`
}

/** Five round times at most. */
function ticksOf({ from, to }: Gantt): readonly number[] {
  const span = (to - from) / 1000
  const raw = span / 5
  const step =
    [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find(
      (one) => one >= raw,
    ) ?? 14_400
  const times: number[] = []
  for (let at = 0; at <= span; at += step) times.push(from + at * 1000)
  return times
}

/** What happened, in the order in which it happened. */
function Log({ run }: { readonly run: PageRunDetail }) {
  const [showsChecks, setShowsChecks] = useState(false)
  const lines = useMemo(() => linesOf(run), [run])
  const shown = showsChecks ? lines : lines.filter(({ isPassed }) => !isPassed)
  const hidden = lines.length - shown.length
  return (
    <section>
      <h3>Log</h3>
      <div class="scroll">
        <table class="rows log">
          <caption class="hidden">What happened in the run</caption>
          <thead class="hidden">
            <tr>
              <th>Time</th>
              <th>Outcome</th>
              <th>Step</th>
              <th>Details</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ at, outcome, name, text }) => (
              <tr>
                <td class="number">{timeOfDay(at)}</td>
                <td>{outcome !== null && <Outcome outcome={outcome} />}</td>
                <td>{name !== null && <a href={toAsset(name)}>{name}</a>}</td>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(hidden > 0 || showsChecks) && (
        <button type="button" onClick={() => setShowsChecks(!showsChecks)}>
          {showsChecks ? 'Hide checks that passed' : `Show ${hidden} checks that passed`}
        </button>
      )}
    </section>
  )
}

interface Line {
  readonly at: number
  readonly outcome: PageStep['outcome'] | null
  readonly name: string | null
  readonly text: string
  readonly isPassed: boolean
}

function linesOf(run: PageRunDetail): readonly Line[] {
  const lines: Line[] = run.steps.map((step) => ({
    at: step.finishedAt,
    outcome: step.outcome,
    name: step.name,
    text: detailOf(step),
    isPassed:
      step.action === 'check' &&
      (step.outcome === 'checked' || step.outcome === 'released') &&
      step.note !== 'warn',
  }))
  const known = new Set(run.steps.map(({ name }) => name))
  for (const { at, event } of run.events) {
    const { asset, message, problem } = event as {
      asset?: string
      message?: string
      problem?: { message?: string }
    }
    if (event.event === 'step_finished' && asset !== undefined && !known.has(asset)) {
      const isPassed = event.action === 'check' && event.outcome !== 'failed'
      lines.push({ at, outcome: event.outcome as Line['outcome'], name: asset, text: '', isPassed })
    }
    const text = message ?? problem?.message
    if (text !== undefined && event.event !== 'step_progress') {
      lines.push({ at, outcome: null, name: asset ?? null, text, isPassed: false })
    }
  }
  return lines.sort((a, b) => a.at - b.at)
}

function detailOf(step: PageRunDetail['steps'][number]): string {
  const { outcome, rows, startedAt, finishedAt, note, reasons, reference } = step
  const didRun = outcome !== 'released' && outcome !== 'blocked'
  return [
    rows === null ? '' : `${rows.toLocaleString('en-US')} rows`,
    didRun ? took((finishedAt - startedAt) / 1000) : '',
    reference ?? '',
    note ?? '',
    outcome === 'released' ? 'not needed: its inputs are unchanged' : (reasons[0] ?? ''),
  ]
    .filter(Boolean)
    .join(' · ')
}
