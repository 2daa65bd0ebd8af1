import { groupBy } from '../lib/group-by.ts'
import type { PlanStep } from '../model/step.ts'
import type { Forecast } from '../plan/estimate.ts'
import type { Plan } from '../plan/plan.ts'
import { reasonRows } from './reason-rows.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, cutRows, listed, nameLines, nextLine, tally } from './text.ts'
import { took } from './time.ts'

/** What `plan` and `materialize --dry-run` show. */
export interface PlanReport extends Plan, Forecast {
  readonly project: string
  readonly target: string
  /** What to type to have it done. */
  readonly command: string
}

/** The text of `assets plan`: what will be built and why, what may be, and how long it took before. */
export function planText(report: PlanReport, style: Style): string {
  const builds = report.steps.filter(({ action }) => action !== 'check')
  const checks = report.steps.filter(({ action }) => action === 'check')
  const will = builds.filter(({ verdict }) => verdict === 'stale')
  const may = builds.filter(({ verdict }) => verdict === 'pending')
  const waived = checks.filter(({ waivedBy }) => waivedBy !== undefined)
  const held = checks.filter(({ waivedBy }) => waivedBy === undefined)
  const counts = tally([
    [will.length, style.paint.red('will build')],
    [may.length, style.paint.yellow('may build')],
    [checks.length, checks.length === 1 ? 'check' : 'checks'],
    [report.fresh.length, style.paint.green('fresh')],
    [report.absent.length, style.paint.red('absent')],
  ])
  const sections = [
    [
      `${style.paint.bold(report.project)} on ${report.target}   ${counts || 'nothing selected'}`,
      ...timeLines(report),
      ...poolLines(report.steps),
    ],
    willSection(will, style),
    namesSection('may build (known once what they read is rebuilt)', may, style),
    namesSection('will be checked', held, style),
    namesSection('will be checked, and hold nothing back (checks: {block: never})', waived, style),
    waitingSection(report, style),
    absentSection(report, style),
    [nextLine(nextCommand(report), style)],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function willSection(will: readonly PlanStep[], style: Style): string[] {
  if (will.length === 0) return []
  const told = will.map((step) => {
    const how = manner(step)
    const [first = '', ...rest] = step.reasons.map(({ message }) => message)
    return { name: step.asset, why: [how === '' ? first : `${first} ${how}`, ...rest] }
  })
  return ['will build', ...reasonRows(told, style)]
}

/** How a build differs from making the table anew. */
function manner({ action, full }: PlanStep): string {
  if (action === 'adopt') return '(taken as it is)'
  return full ? '' : '(on top of what is there)'
}

/** Who takes turns with whom. */
function poolLines(steps: readonly PlanStep[]): string[] {
  const pooled = steps.filter(({ pool }) => pool !== undefined)
  const pools = groupBy(pooled, ({ pool }) => pool!)
  return [...pools].map(([pool, { length }]) => `${counted(length, 'step')} in pool ${pool}`)
}

function namesSection(title: string, steps: readonly PlanStep[], style: Style): string[] {
  if (steps.length === 0) return []
  return [
    title,
    ...nameLines(
      steps.map(({ asset }) => asset),
      '  ',
      style,
    ),
  ]
}

function waitingSection({ waiting }: PlanReport, style: Style): string[] {
  if (waiting.length === 0) return []
  const column = columnOf(waiting.map(({ check }) => check))
  return [
    'checks that wait',
    ...cutRows(waiting, style, ({ check, on }) => [`  ${cell(check, column)}for ${listed(on)}`]),
  ]
}

function absentSection({ absent }: PlanReport, style: Style): string[] {
  if (absent.length === 0) return []
  return [
    style.paint.red('not there, and built by somebody else'),
    ...nameLines(absent, '  ', style),
  ]
}

/** How long it may take, what bounds that, and what is spared. */
function timeLines({ steps, fresh, ...forecast }: PlanReport): string[] {
  const { estimate, criticalPath, untimed, skippedSeconds } = forecast
  const without = untimed === 0 ? '' : `, beside ${counted(untimed, 'step')} never timed`
  const lines: string[] = []
  if (estimate !== null) {
    lines.push(`${rangeText(estimate)}, going by the last times${without}`)
    if (criticalPath.length > 1) lines.push(chainText(criticalPath))
  } else if (steps.length > 0) {
    lines.push('how long it takes is not known: none of these steps was ever timed')
  }
  if (steps.length > 0 && skippedSeconds > 0) {
    const spared = took(skippedSeconds)
    lines.push(`left alone: ${counted(fresh.length, 'asset')}, ${spared} of work when last built`)
  }
  return lines
}

/** `about 3.2 s to 5.7 s`: from the certain steps alone to all of them. */
function rangeText({ low, high }: NonNullable<Forecast['estimate']>): string {
  const [least, most] = [took(low), took(high)]
  if (least === most) return `about ${most}`
  return low === 0 ? `up to ${most}` : `about ${least} to ${most}`
}

/** Links of a long chain that are shown from each of its ends. */
const LINKS = 3

/** `longest chain, 5.6 s: raw_payment 3.2 s → stg_payment 0.4 s → … 4 more … → revenue_trend 0.1 s`. */
function chainText(path: Forecast['criticalPath']): string {
  const links = path.map(({ asset, seconds }) =>
    seconds === null ? asset : `${asset} ${took(seconds)}`,
  )
  const left = links.length - 2 * LINKS
  const shown =
    left < 2 ? links : [...links.slice(0, LINKS), `… ${left} more …`, ...links.slice(-LINKS)]
  const seconds = path.reduce((sum, link) => sum + (link.seconds ?? 0), 0)
  return `longest chain, ${took(seconds)}: ${shown.join(' → ')}`
}

function nextCommand({ steps, fresh, absent, command }: PlanReport): string {
  if (steps.length > 0) return command
  const named = absent[0] ?? fresh.at(-1)
  return named === undefined ? 'assets list' : `assets why ${named}`
}
