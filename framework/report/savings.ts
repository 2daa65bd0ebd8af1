import type { Share } from '../model/run.ts'
import type { Savings } from '../plan/savings.ts'
import { nextLines } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, grouped } from './text.ts'
import { dateTime, isoTime, took } from './time.ts'

/** The result of `assets savings`. */
export interface SavingsReport extends Savings {
  readonly project: string
  readonly target: string
  /** Milliseconds since the epoch; null for the whole history. */
  readonly since: number | null
}

/** Shows `assets savings`. */
export const savingsReporter: Reporter<SavingsReport> = { text: savingsText, json: savingsJson }

/** The baseline of the savings. */
const BASELINE =
  'compared with building the whole selection in each run, at the duration of the last build'

/** One line for each way of skipping work, and the total. */
export function savingsText(report: SavingsReport, style: Style): string {
  const { project, target, runs, worked, fresh, unchanged, released, unaccounted } = report
  const head = `${style.paint.bold(project)} on ${target}   ${counted(runs, 'run')} ${sinceText(report, style)}`
  const withoutData =
    unaccounted === 0
      ? []
      : [
          `${counted(unaccounted, 'run')} without savings data (interrupted, or by an older version)`,
        ]
  if (runs === 0) {
    return [
      [head.trimEnd(), ...withoutData].join('\n'),
      ...nextLines('assets materialize', style),
    ].join('\n\n')
  }
  const rows = [
    ['fresh', fresh, 'code and inputs unchanged'],
    ['not loaded', unchanged, 'source unchanged'],
    ['released', released, 'rebuilt inputs have the same content'],
    ['built', worked, 'stale'],
  ] as const
  const saved = fresh.seconds + unchanged.seconds + released.seconds
  const column = columnOf(rows.map(([name]) => name))
  const width = Math.max(...rows.map(([, share]) => shareText(share).length)) + 2
  return [
    [head, ...withoutData].join('\n'),
    rows
      .map(([name, share, why]) => `  ${cell(name, column)}${shareText(share).padEnd(width)}${why}`)
      .join('\n'),
    `saved ${style.paint.bold(took(saved))} of ${took(saved + worked.seconds)}${percent(saved, worked.seconds)}, ${BASELINE}`,
    ...nextLines('assets runs', style),
  ].join('\n\n')
}

function sinceText({ since, first }: SavingsReport, style: Style): string {
  const from = since ?? first
  return from === null ? '' : `since ${dateTime(from, style.zone)}`
}

/** `1,204 steps, 3 min 5 s`, with the number of steps that were never timed. */
function shareText({ steps, seconds, untimed }: Share): string {
  if (steps === 0) return '0 steps'
  const without = untimed === 0 ? '' : ` (${grouped(untimed)} untimed)`
  return `${counted(steps, 'step')}, ${took(seconds)}${without}`
}

function percent(saved: number, worked: number): string {
  const all = saved + worked
  return all === 0 ? '' : ` (${Math.floor((100 * saved) / all)} %)`
}

/** `assets/savings/1`. `credits` is null: no warehouse reports the cost of a step. */
export function savingsJson(report: SavingsReport) {
  const { project, target, since, first, runs, unaccounted } = report
  const { worked, fresh, unchanged, released } = report
  const skipped = [fresh, unchanged, released]
  return {
    schema: 'assets/savings/1',
    project,
    target,
    since: since === null ? null : isoTime(since),
    first_run_at: first === null ? null : isoTime(first),
    runs,
    unaccounted,
    against: BASELINE,
    saved: {
      steps: skipped.reduce((sum, { steps }) => sum + steps, 0),
      seconds: skipped.reduce((sum, { seconds }) => sum + seconds, 0),
      untimed: skipped.reduce((sum, { untimed }) => sum + untimed, 0),
      credits: null,
    },
    fresh,
    unchanged,
    released,
    worked,
  } as const
}
