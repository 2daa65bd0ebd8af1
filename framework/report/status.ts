import { groupBy } from '../lib/group-by.ts'
import type { KindName } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { buildJson, problemJson, verdictJson } from './json.ts'
import { nextLines } from './next.ts'
import { pendingRoots } from './pending-roots.ts'
import { reasonRows } from './reason-rows.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, cutRows, listed, nameLines, tally } from './text.ts'
import { ago, isoTime } from './time.ts'

export interface StatusAsset {
  readonly name: string
  readonly kind: KindName
  readonly group: string | null
  readonly verdict: Verdict
  readonly last: Materialization | null
}

export interface StatusCheck {
  readonly name: string
  readonly reads: readonly string[]
  readonly severity: 'error' | 'warn'
  readonly verdict: Verdict
  readonly last: CheckResult | null
}

/** The result of `assets status`: assets and checks of the selection, in topological order. */
export interface StatusReport {
  readonly project: string
  readonly target: string
  /** Milliseconds since the epoch; offline, the time of the last observation, or 0 without one. */
  readonly observedAt: number
  /** True when the verdicts come from records alone. */
  readonly offline: boolean
  readonly assets: readonly StatusAsset[]
  /** Number of fresh assets of the selection that are not in `assets`. */
  readonly unlisted?: number
  readonly checks: readonly StatusCheck[]
  readonly warnings: readonly Problem[]
}

/** Shows `assets status`. */
export const statusReporter: Reporter<StatusReport> = { text: statusText, json: statusJson }

/** Pending assets that wait for different roots are shown in at most this many groups. */
const MOST_GROUPS = 3

/** Counts, then the stale, pending and building assets, then the checks that did not pass. */
export function statusText(report: StatusReport, style: Style): string {
  const { assets, checks } = report
  const stale = assets.filter(({ verdict }) => verdict.state === 'stale')
  const pending = assets.filter(({ verdict }) => verdict.state === 'pending')
  const building = assets.filter(({ verdict }) => verdict.state === 'building')
  const sections = [
    header(report, stale.length, pending.length, building.length, style),
    [
      ...staleSection(stale, style),
      ...pendingSection(report, pending, style),
      ...buildingSection(building, style),
    ],
    checksSection(checks, style),
    nextLines(nextCommand(report, stale.length + pending.length), style),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function header(
  { project, target, offline, observedAt, assets, unlisted = 0 }: StatusReport,
  stale: number,
  pending: number,
  building: number,
  style: Style,
): string[] {
  const all = assets.length + unlisted
  const fresh = all - stale - pending - building
  const counts = tally([
    [fresh, style.paint.green('fresh')],
    [stale, style.paint.red('stale')],
    [pending, style.paint.yellow('pending')],
    [building, style.paint.cyan('building')],
  ])
  const lines = [
    `${style.paint.bold(project)} on ${target}   ${counted(all, 'asset')}   ${counts}`.trimEnd(),
  ]
  if (offline) {
    lines.push(
      observedAt === 0
        ? 'nothing was observed yet (--offline)'
        : `as of the last observation, ${ago(observedAt, style.now)} (--offline)`,
    )
  }
  return lines
}

function staleSection(stale: readonly StatusAsset[], style: Style): string[] {
  if (stale.length === 0) return []
  const nodes = stale.map((asset) => {
    const reasons = asset.verdict.state === 'stale' ? asset.verdict.reasons : []
    return { name: asset.name, reasons: reasons.map((reason) => reasonText(reason, asset, style)) }
  })
  return [style.paint.red('stale'), ...reasonRows(nodes, style)]
}

/** The message of a reason. A message that ends with "since the load" gets the age of that load. */
function reasonText(reason: Reason, { last }: StatusAsset, style: Style): string {
  const isSinceLoad = reason.reason === 'source' && reason.message.endsWith('since the load')
  return isSinceLoad && last !== null
    ? `${reason.message} ${ago(last.startedAt, style.now)}`
    : reason.message
}

function pendingSection(
  report: StatusReport,
  pending: readonly StatusAsset[],
  style: Style,
): string[] {
  const roots = pendingRoots(report.assets)
  const groups = groupBy(pending, ({ name }) => conditionText(report, roots.get(name) ?? null))
  const shown =
    groups.size > MOST_GROUPS ? new Map([[conditionText(report, null), pending]]) : groups
  return [...shown].flatMap(([condition, group]) => [
    `${style.paint.yellow('pending')} (known once ${condition})`,
    ...nameLines(
      group.map(({ name }) => name),
      '  ',
      style,
    ),
  ])
}

/** `raw_payment is rebuilt and unique_film has passed`. */
function conditionText({ checks }: StatusReport, roots: readonly string[] | null): string {
  if (roots === null) return 'their stale ancestors are rebuilt'
  const isCheck = new Set(checks.map(({ name }) => name))
  const assets = roots.filter((name) => !isCheck.has(name))
  const passing = roots.filter((name) => isCheck.has(name))
  const parts = [
    assets.length === 0 ? [] : [`${listed(assets)} ${assets.length === 1 ? 'is' : 'are'} rebuilt`],
    passing.length === 0
      ? []
      : [`${listed(passing)} ${passing.length === 1 ? 'has' : 'have'} passed`],
  ]
  return listed(parts.flat())
}

function buildingSection(building: readonly StatusAsset[], style: Style): string[] {
  const byRun = groupBy(building, ({ verdict }) => (verdict.state === 'building' ? verdict.run : 0))
  return [...byRun].flatMap(([run, group]) => [
    `${style.paint.cyan('building')} (run ${run})`,
    ...nameLines(
      group.map(({ name }) => name),
      '  ',
      style,
    ),
  ])
}

function checksSection(checks: readonly StatusCheck[], style: Style): string[] {
  const failing = checks.filter(({ last }) => last?.outcome === 'fail')
  const warning = checks.filter(({ last }) => last?.outcome === 'warn')
  const open = checks.filter(
    ({ verdict, last }) =>
      (verdict.state === 'stale' || verdict.state === 'pending') && last?.outcome !== 'fail',
  )
  const waiting = checks.filter(({ verdict }) => verdict.state === 'waiting')
  if (failing.length + warning.length + open.length + waiting.length === 0) return []
  const passed = checks.filter(
    ({ verdict, last }) => verdict.state === 'fresh' && last?.outcome === 'pass',
  )
  const column = columnOf([...failing, ...warning, ...waiting].map(({ name }) => name))
  const counts = tally([
    [passed.length, 'passed'],
    [failing.length, style.paint.red('failed')],
    [warning.length, style.paint.yellow('warned')],
    [open.length, 'to run'],
    [waiting.length, 'waiting'],
  ])
  return [
    `${counted(checks.length, 'check')}   ${counts}`.trimEnd(),
    ...cutRows([...failing, ...warning], style, (check) => [
      `  ${cell(check.name, column)}${resultText(check, style)}`,
    ]),
    ...cutRows(waiting, style, ({ name, verdict }) => [
      `  ${cell(name, column)}waits for ${listed(verdict.state === 'waiting' ? verdict.on : [])}`,
    ]),
  ]
}

/** `failed in run 41, 5 h ago, 3 rows, reads fact_payment`. */
function resultText({ last, reads }: StatusCheck, style: Style): string {
  if (last === null) return 'never run'
  const word = last.outcome === 'fail' ? style.paint.red('failed') : style.paint.yellow('warned')
  const rows = last.failures === null ? '' : `, ${counted(last.failures, 'row')}`
  return `${word} in run ${last.run}, ${ago(last.finishedAt, style.now)}${rows}, reads ${listed(reads)}`
}

function nextCommand({ checks, offline }: StatusReport, open: number): string | null {
  const failing = checks.find(({ last }) => last?.outcome === 'fail')
  const toRun = checks.some(
    ({ verdict }) => verdict.state === 'stale' || verdict.state === 'pending',
  )
  if (open === 0 && failing !== undefined) return `assets why ${failing.name}`
  if (open > 0 || toRun) return 'assets materialize'
  return offline ? 'assets status' : null
}

/** `assets/status/1`. */
export function statusJson(report: StatusReport) {
  const count = (state: Verdict['state']) =>
    report.assets.filter(({ verdict }) => verdict.state === state).length
  return {
    schema: 'assets/status/1',
    project: report.project,
    target: report.target,
    observed_at: isoTime(report.observedAt),
    offline: report.offline,
    counts: {
      fresh: count('fresh'),
      stale: count('stale'),
      pending: count('pending'),
      building: count('building'),
    },
    assets: report.assets.map(({ name, kind, group, verdict, last }) => ({
      name,
      kind,
      group,
      ...verdictJson(verdict),
      last: last === null ? null : buildJson(last),
    })),
    checks: report.checks.map(checkJson),
    warnings: report.warnings.map(problemJson),
  } as const
}

function checkJson({ name, reads, severity, verdict, last }: StatusCheck) {
  return {
    name,
    reads,
    severity,
    ...verdictJson(verdict),
    last:
      last === null
        ? null
        : {
            run: last.run,
            at: isoTime(last.finishedAt),
            outcome: last.outcome,
            failures: last.failures,
          },
  }
}
