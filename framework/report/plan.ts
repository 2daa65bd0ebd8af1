import { groupBy } from '../lib/group-by.ts'
import type { LeftToBuild } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { PlanStep } from '../model/step.ts'
import type { Forecast, TimedStep } from '../plan/estimate.ts'
import type { Plan } from '../plan/steps.ts'
import { leftLines } from './adoption.ts'
import { problemJson, reasonJson } from './json.ts'
import { type LeftoverLine, leftoverJson, leftoverSection } from './leftovers.ts'
import { nextLines } from './next.ts'
import { reasonRows } from './reason-rows.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import {
  asTyped,
  cell,
  columnOf,
  commentsOf,
  counted,
  cutRows,
  grouped,
  listed,
  nameLines,
  tally,
} from './text.ts'
import { took } from './time.ts'

/** The result of `assets plan` and of `--dry-run`. */
export interface PlanReport extends Omit<Plan, 'steps'>, Forecast {
  readonly project: string
  readonly target: string
  /** Assets whose comments are set without a build. */
  readonly comments: readonly string[]
  /** The command that carries out the plan. */
  readonly command: string
  readonly warnings: readonly Problem[]
  /** What moved assets left at old places, or will leave. */
  readonly leftovers: readonly LeftoverLine[]
  /** The number of assets that are built although they exist, because they were never built here; without `--adopt`. */
  readonly existing?: number
  /** With `--adopt`: what is vouched for and is built nevertheless. */
  readonly left?: readonly LeftToBuild[]
}

/** Shows `assets plan` and `--dry-run`. */
export const planReporter: Reporter<PlanReport> = { text: planText, json: planJson }

/** The steps with their reasons, the estimate, and the checks that wait. */
export function planText(report: PlanReport, style: Style): string {
  const counts = tally([
    ...stepCounts(report.steps, style),
    [report.fresh.length, style.paint.green('fresh')],
    [report.absent.length, style.paint.red('absent')],
  ])
  return joinSections([
    [
      `${style.paint.bold(report.project)} on ${report.target}   ${counts || 'nothing selected'}`,
      ...timeLines(report),
      ...poolLines(report.steps),
      ...existingLines(report, style),
    ],
    ...stepSections(report, style),
    commentsSection(report, style),
    absentSection(report, style),
    leftoverSection(report.leftovers, style),
    nextLines(nextCommand(report), style),
  ])
}

/** The sections that have lines, with an empty line between them. */
export function joinSections(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** The steps of a plan by what becomes of them. */
export function stepsByFate<S extends PlanStep>(steps: readonly S[]) {
  const builds = steps.filter(({ action }) => action === 'build')
  return {
    adopted: steps.filter(({ action }) => action === 'adopt'),
    will: builds.filter(({ verdict }) => verdict === 'stale'),
    may: builds.filter(({ verdict }) => verdict === 'pending'),
    checks: steps.filter(({ action }) => action === 'check'),
  }
}

/** `3 will build`, `5 may build`, `12 checks`, for `tally`. */
export function stepCounts(steps: readonly PlanStep[], { paint }: Style) {
  const { adopted, will, may, checks } = stepsByFate(steps)
  return [
    [adopted.length, paint.green('will be adopted')],
    [will.length, paint.red('will build')],
    [may.length, paint.yellow('may build')],
    [checks.length, checks.length === 1 ? 'check' : 'checks'],
  ] as const
}

/** The steps of a plan, the views that it may replace and the checks that wait, as sections. */
export function stepSections(
  report: Pick<PlanReport, 'steps' | 'mayReplace' | 'waiting' | 'left'>,
  style: Style,
): readonly (readonly string[])[] {
  const { adopted, will, may, checks } = stepsByFate(report.steps)
  const waived = checks.filter(({ waivedBy }) => waivedBy !== undefined)
  const gating = checks.filter(({ waivedBy }) => waivedBy === undefined)
  return [
    adoptedSection(adopted, style),
    leftLines(report.left ?? [], style),
    willSection(will, style),
    namesSection('may build (known once their inputs are rebuilt)', may, style),
    mayReplaceSection(report, style),
    namesSection('will be checked', gating, style),
    namesSection('will be checked without blocking (checks: {block: never})', waived, style),
    waitingSection(report, style),
  ]
}

/** What exists already, and how it is recorded instead of built. */
function existingLines({ existing = 0, command }: PlanReport, style: Style): string[] {
  if (existing === 0) return []
  const are = existing === 1 ? '1 of them is' : `${grouped(existing)} of them are`
  const typed = asTyped(`${command} --adopt`, style)
  return [`${are} in the warehouse already: ${typed} records what is proved to be current`]
}

function adoptedSection(adopted: readonly PlanStep[], style: Style): string[] {
  if (adopted.length === 0) return []
  const nodes = adopted.map(({ asset, reasons, pendingOn }) => {
    const unless =
      pendingOn.length === 0 ? [] : [`built if ${listed(pendingOn)} comes out different`]
    return { name: asset, reasons: [...reasons.map(({ message }) => message), ...unless] }
  })
  return ['will be adopted', ...reasonRows(nodes, style)]
}

function willSection(will: readonly PlanStep[], style: Style): string[] {
  if (will.length === 0) return []
  const nodes = will.map(({ asset, full, reasons }) => {
    const [first = '', ...rest] = reasons.map(({ message }) => message)
    return { name: asset, reasons: [full ? first : `${first} (incremental)`, ...rest] }
  })
  return ['will build', ...reasonRows(nodes, style)]
}

/** The number of steps in each pool. */
export function poolLines(steps: readonly PlanStep[]): string[] {
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

function mayReplaceSection({ mayReplace }: Pick<Plan, 'mayReplace'>, style: Style): string[] {
  if (mayReplace.length === 0) return []
  const title = 'views that are replaced only if the columns of their inputs change'
  return [title, ...nameLines(mayReplace, '  ', style)]
}

function waitingSection({ waiting }: Pick<Plan, 'waiting'>, style: Style): string[] {
  if (waiting.length === 0) return []
  const column = columnOf(waiting.map(({ check }) => check))
  return [
    'checks that wait',
    ...cutRows(waiting, style, ({ check, on }) => [`  ${cell(check, column)}for ${listed(on)}`]),
  ]
}

export function commentsSection(
  { comments }: Pick<PlanReport, 'comments'>,
  style: Style,
): string[] {
  if (comments.length === 0) return []
  return [`${commentsOf(comments)} will be set`, ...nameLines(comments, '  ', style)]
}

function absentSection({ absent }: PlanReport, style: Style): string[] {
  if (absent.length === 0) return []
  return [
    style.paint.red('missing, and not built by this project'),
    ...nameLines(absent, '  ', style),
  ]
}

/** The estimate, the longest chain of steps, and the work that is skipped. */
export function timeLines({ steps, fresh, ...forecast }: Forecast & Pick<Plan, 'fresh'>): string[] {
  const { estimate, criticalPath, untimed, skippedSeconds } = forecast
  const without = untimed === 0 ? '' : `; not counting ${counted(untimed, 'step')} without history`
  const lines: string[] = []
  if (estimate !== null) {
    lines.push(`${rangeText(estimate)}, based on the last builds${without}`)
    if (criticalPath.length > 1) lines.push(chainText(criticalPath))
  } else if (steps.some(({ action }) => action !== 'adopt')) {
    lines.push('no estimate: none of these steps was built before')
  }
  if (steps.length > 0 && skippedSeconds > 0) {
    const skipped = took(skippedSeconds)
    lines.push(`skipped: ${counted(fresh.length, 'fresh asset')}, which took ${skipped} to build`)
  }
  return lines
}

/** `about 3.2 s to 5.7 s`: the steps that will build, and all steps. */
export function rangeText({ low, high }: NonNullable<Forecast['estimate']>): string {
  const [least, most] = [took(low), took(high)]
  if (least === most) return `about ${most}`
  return low === 0 ? `up to ${most}` : `about ${least} to ${most}`
}

/** Steps that are shown at each end of a long chain. */
const CHAIN_ENDS = 3

/** `longest chain, 5.6 s: raw_payment 3.2 s → stg_payment 0.4 s → … 4 more … → revenue_trend 0.1 s`. */
function chainText(path: Forecast['criticalPath']): string {
  const links = path.map(({ asset, seconds }) =>
    seconds === null ? asset : `${asset} ${took(seconds)}`,
  )
  const hidden = links.length - 2 * CHAIN_ENDS
  const shown =
    hidden < 2
      ? links
      : [...links.slice(0, CHAIN_ENDS), `… ${hidden} more …`, ...links.slice(-CHAIN_ENDS)]
  const seconds = path.reduce((sum, link) => sum + (link.seconds ?? 0), 0)
  return `longest chain, ${took(seconds)}: ${shown.join(' → ')}`
}

function nextCommand({ steps, comments, absent, command }: PlanReport): string | null {
  if (steps.length + comments.length > 0) return command
  return absent[0] === undefined ? null : `assets why ${absent[0]}`
}

/** `assets/plan/1`. */
export function planJson(report: PlanReport) {
  return {
    schema: 'assets/plan/1',
    project: report.project,
    target: report.target,
    steps: report.steps.map(stepJson),
    fresh: report.fresh,
    may_replace: report.mayReplace,
    waiting: report.waiting,
    absent: report.absent,
    leftovers: report.leftovers.map(leftoverJson),
    comments: report.comments,
    ...(report.existing === undefined ? {} : { existing: report.existing }),
    ...(report.left === undefined ? {} : { left: report.left }),
    ...forecastJson(report),
    command: report.command,
    warnings: report.warnings.map(problemJson),
  } as const
}

/** What is expected of the steps of a plan, as in `assets/plan/1`. */
export function forecastJson({ estimate, untimed, criticalPath, skippedSeconds }: Forecast) {
  return {
    estimate: estimate === null ? null : { low_s: estimate.low, high_s: estimate.high, untimed },
    critical_path: criticalPath.map(({ asset, seconds }) => ({ asset, estimate_s: seconds })),
    skipped_s: skippedSeconds,
  }
}

/** One step, as in `assets/plan/1`. */
export function stepJson(step: TimedStep) {
  return {
    asset: step.asset,
    action: step.action,
    full: step.full,
    verdict: step.verdict,
    reasons: step.reasons.map(reasonJson),
    pending_on: step.pendingOn,
    batch: step.batch,
    estimate_s: step.estimateSeconds,
    ...(step.pool === undefined ? {} : { pool: step.pool }),
    ...(step.waivedBy === undefined ? {} : { waived_by: step.waivedBy }),
  }
}
