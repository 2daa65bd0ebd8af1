import { groupBy } from '../lib/group-by.ts'
import type { KindName } from '../model/asset.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { reasonRows } from './reason-rows.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, cutRows, listed, nameLines, nextLine, tally } from './text.ts'
import { ago } from './time.ts'
import { rootsOf } from './pending-roots.ts'

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

/** What `status` found: each asset and check of the selection, in topological order. */
export interface StatusReport {
  readonly project: string
  readonly target: string
  /** Milliseconds since the epoch; offline: when it was looked at last. */
  readonly observedAt: number
  /** From records alone. */
  readonly offline: boolean
  readonly assets: readonly StatusAsset[]
  /** Fresh assets of the selection that are only counted. */
  readonly unlisted?: number
  readonly checks: readonly StatusCheck[]
}

/** Groups of pending assets that are told apart. */
const GROUPS = 3

/** The text of `assets status`: counts, then what is stale, pending, building and not passing. */
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
    [nextLine(nextCommand(report, stale.length + pending.length), style)],
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
    const then = observedAt === 0 ? 'of which there is none' : ago(observedAt, style.now)
    lines.push(`as of the last observation, ${then} (--offline)`)
  }
  return lines
}

function staleSection(stale: readonly StatusAsset[], style: Style): string[] {
  if (stale.length === 0) return []
  const told = stale.map((asset) => {
    const reasons = asset.verdict.state === 'stale' ? asset.verdict.reasons : []
    return { name: asset.name, why: reasons.map((reason) => message(reason, asset, style)) }
  })
  return [style.paint.red('stale'), ...reasonRows(told, style)]
}

/** A reason as a sentence part; a source that moved "since the load" is told when that was. */
function message(reason: Reason, { last }: StatusAsset, style: Style): string {
  const loaded = reason.reason === 'source' && reason.message.endsWith('since the load')
  return loaded && last !== null
    ? `${reason.message} ${ago(last.startedAt, style.now)}`
    : reason.message
}

function pendingSection(
  report: StatusReport,
  pending: readonly StatusAsset[],
  style: Style,
): string[] {
  const roots = rootsOf(report.assets)
  const groups = groupBy(pending, ({ name }) => phrase(report, roots.get(name) ?? null))
  const merged = groups.size > GROUPS ? new Map([[phrase(report, null), pending]]) : groups
  return [...merged].flatMap(([known, group]) => [
    `${style.paint.yellow('pending')} (known once ${known})`,
    ...nameLines(
      group.map(({ name }) => name),
      '  ',
      style,
    ),
  ])
}

/** `raw_payment is rebuilt and unique_film has passed`. */
function phrase({ checks }: StatusReport, roots: readonly string[] | null): string {
  if (roots === null) return 'what is stale above them is rebuilt'
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
      `  ${cell(check.name, column)}${ending(check, style)}`,
    ]),
    ...cutRows(waiting, style, ({ name, verdict }) => [
      `  ${cell(name, column)}waits for ${listed(verdict.state === 'waiting' ? verdict.on : [])}`,
    ]),
  ]
}

/** `failed in run 41, 5 h ago, on 3 rows of fact_payment`. */
function ending({ last, reads }: StatusCheck, style: Style): string {
  if (last === null) return 'never run'
  const word = last.outcome === 'fail' ? style.paint.red('failed') : style.paint.yellow('warned')
  const rows = last.failures === null ? '' : `, ${counted(last.failures, 'row')}`
  return `${word} in run ${last.run}, ${ago(last.finishedAt, style.now)}${rows}, reads ${listed(reads)}`
}

function nextCommand({ assets, checks, offline }: StatusReport, open: number): string {
  const failing = checks.find(({ last }) => last?.outcome === 'fail')
  const toRun = checks.some(
    ({ verdict }) => verdict.state === 'stale' || verdict.state === 'pending',
  )
  if (open === 0 && failing !== undefined) return `assets why ${failing.name}`
  if (open > 0 || toRun) return 'assets materialize'
  const last = assets.at(-1)
  return offline || last === undefined ? 'assets status' : `assets why ${last.name}`
}
