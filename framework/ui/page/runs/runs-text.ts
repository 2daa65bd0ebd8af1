import { leftText } from '../../../report/time-left.ts'
import type { PageRun, PageRunDetail } from '../../data/runs.ts'
import { grouped, took } from '../format.ts'
import { now } from '../store.ts'

/** `12 s`; of a run that is going on, the time since its start. */
export function durationOf({ startedAt, finishedAt, outcome }: PageRun): string {
  if (finishedAt !== null) return took((finishedAt - startedAt) / 1000)
  return outcome === 'running' ? `${took((now.value - startedAt) / 1000)} so far` : '–'
}

const OUTCOMES = [
  'built',
  'unchanged',
  'adopted',
  'released',
  'checked',
  'failed',
  'blocked',
  'cancelled',
] as const

/** `3 built · 12 released`: the counts that are not zero. */
export function tallyOf(counts: PageRun['counts']): string {
  const parts = OUTCOMES.flatMap((outcome) => {
    const count = counts[outcome] ?? 0
    return count === 0 ? [] : [`${grouped(count)} ${outcome}`]
  })
  return parts.join(' · ') || 'nothing to do'
}

/** The time that building everything that was asked for would have taken besides; `–` for none. */
export function savedBy({ savings }: PageRun): string {
  if (savings === null) return '–'
  const { fresh, unchanged, released } = savings
  const seconds = fresh.seconds + unchanged.seconds + released.seconds
  return seconds < 0.05 ? '–' : took(seconds)
}

/** `run 7: 12 of 139 steps, about 2 min left`. */
export function liveText(run: PageRunDetail): string {
  const started = run.events.find(({ event }) => event.event === 'run_started')?.event
  const steps = typeof started?.steps === 'number' ? started.steps : 0
  const ended = run.events.filter(({ event }) => event.event === 'step_finished').length
  const estimate = run.progress.find((event) => event.event === 'run_estimate')
  const range = estimate?.secondsLeft ?? null
  const left = range === null ? null : leftText(range, estimate!.untimed)
  const counts =
    steps === 0 ? 'begins' : `${grouped(ended)} of ${grouped(Math.max(steps, ended))} steps`
  return `run ${run.run}: ${counts}${left === null ? '' : `, ${left}`}`
}
