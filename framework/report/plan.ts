import type { PlanStep } from '../model/step.ts'
import type { Plan } from '../plan/plan.ts'
import { reasonRows } from './reasons.ts'
import type { Style } from './style.ts'
import { cell, columnOf, cutRows, grouped, listed, nameLines, nextLine, tally } from './text.ts'
import { took } from './time.ts'

/** What `plan` and `materialize --dry-run` show. */
export interface PlanReport extends Plan {
  readonly project: string
  readonly target: string
}

/** The text of `assets plan`: what will be built and why, what may be, and how long it took before. */
export function planText(report: PlanReport, style: Style): string {
  const builds = report.steps.filter(({ action }) => action !== 'check')
  const checks = report.steps.filter(({ action }) => action === 'check')
  const will = builds.filter(({ verdict }) => verdict === 'stale')
  const may = builds.filter(({ verdict }) => verdict === 'pending')
  const counts = tally([
    [will.length, style.paint.red('will build')],
    [may.length, style.paint.yellow('may build')],
    [checks.length, checks.length === 1 ? 'check' : 'checks'],
    [report.fresh.length, style.paint.green('fresh')],
    [report.absent.length, style.paint.red('absent')],
  ])
  const estimate = estimateText(report.steps)
  const sections = [
    [
      `${style.paint.bold(report.project)} on ${report.target}   ${counts || 'nothing selected'}`,
      ...(estimate === null ? [] : [estimate]),
    ],
    willSection(will, style),
    namesSection('may build (known once what they read is rebuilt)', may, style),
    namesSection('will be checked', checks, style),
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

/**
 * From what the certain steps took last to what all of them took; `null` without any history. It is
 * time worked, not time passed: steps that run side by side count each.
 */
function estimateText(steps: readonly PlanStep[]): string | null {
  const known = steps.filter(({ estimateSeconds }) => estimateSeconds !== null)
  if (known.length === 0) return null
  const sum = (some: readonly PlanStep[]) =>
    some.reduce((total, { estimateSeconds }) => total + (estimateSeconds ?? 0), 0)
  const least = took(sum(known.filter(({ verdict }) => verdict === 'stale')))
  const most = took(sum(known))
  const range = least === most ? most : `${least} to ${most}`
  const unknown = steps.length - known.length
  const without = unknown === 0 ? '' : `, and ${grouped(unknown)} never timed`
  return `last time these took ${range} of work${without}`
}

function nextCommand({ steps, fresh, absent }: PlanReport): string {
  if (steps.length > 0) return 'assets materialize'
  const named = absent[0] ?? fresh.at(-1)
  return named === undefined ? 'assets list' : `assets why ${named}`
}
