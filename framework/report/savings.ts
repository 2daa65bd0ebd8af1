import type { Share } from '../model/run.ts'
import type { Savings } from '../plan/savings.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, grouped, nextLine } from './text.ts'
import { dateTime, isoTime, took } from './time.ts'

export interface SavingsReport extends Savings {
  readonly project: string
  readonly target: string
  /** Milliseconds since the epoch; null for as far as the history goes. */
  readonly since: number | null
}

const AGAINST =
  'against building all that was asked for in each run, at the times of the last builds'

/** The text of `assets savings`: what was not done, and why that was right. */
export function savingsText(report: SavingsReport, style: Style): string {
  const { project, target, runs, worked, fresh, unchanged, released, unaccounted } = report
  const head = `${style.paint.bold(project)} on ${target}   ${counted(runs, 'run')} ${sinceText(report, style)}`
  const left =
    unaccounted === 0
      ? []
      : [`${counted(unaccounted, 'run')} left no account (cut off, or an older version's)`]
  if (runs === 0) {
    return [[head.trimEnd(), ...left].join('\n'), nextLine('assets materialize', style)].join(
      '\n\n',
    )
  }
  const rows = [
    ['left alone', fresh, 'nothing they are made of had changed'],
    ['not loaded', unchanged, 'the source proved that nothing moved'],
    ['released', released, 'their inputs came out the same'],
    ['built', worked, 'what had to be done'],
  ] as const
  const saved = fresh.seconds + unchanged.seconds + released.seconds
  const column = columnOf(rows.map(([name]) => name))
  const width = Math.max(...rows.map(([, share]) => shareText(share).length)) + 2
  return [
    [head, ...left].join('\n'),
    rows
      .map(([name, share, why]) => `  ${cell(name, column)}${shareText(share).padEnd(width)}${why}`)
      .join('\n'),
    `saved ${style.paint.bold(took(saved))} of ${took(saved + worked.seconds)}${percent(saved, worked.seconds)}, ${AGAINST}`,
    nextLine('assets runs', style),
  ].join('\n\n')
}

function sinceText({ since, first }: SavingsReport, style: Style): string {
  const from = since ?? first
  return from === null ? '' : `since ${dateTime(from, style.zone)}`
}

/** `1,204 steps, 3 min 5 s`; steps without a time are said. */
function shareText({ steps, seconds, untimed }: Share): string {
  if (steps === 0) return '0 steps'
  const without = untimed === 0 ? '' : ` (${grouped(untimed)} untimed)`
  return `${counted(steps, 'step')}, ${took(seconds)}${without}`
}

function percent(saved: number, worked: number): string {
  const all = saved + worked
  return all === 0 ? '' : ` (${Math.floor((100 * saved) / all)} %)`
}

/** `assets/savings/1`. No warehouse here tells what a step cost, so credits are not known. */
export function savingsJson(report: SavingsReport) {
  const { project, target, since, first, runs, unaccounted } = report
  const { worked, fresh, unchanged, released } = report
  const spared = [fresh, unchanged, released]
  return {
    schema: 'assets/savings/1',
    project,
    target,
    since: since === null ? null : isoTime(since),
    first_run_at: first === null ? null : isoTime(first),
    runs,
    unaccounted,
    against: AGAINST,
    saved: {
      steps: spared.reduce((sum, { steps }) => sum + steps, 0),
      seconds: spared.reduce((sum, { seconds }) => sum + seconds, 0),
      untimed: spared.reduce((sum, { untimed }) => sum + untimed, 0),
      credits: null,
    },
    fresh,
    unchanged,
    released,
    worked,
  } as const
}
