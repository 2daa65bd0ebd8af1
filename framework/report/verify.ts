import { groupBy } from '../lib/group-by.ts'
import type { ColumnDifference } from '../model/rebuilt.ts'
import type { Finding, FindingName, LeftOut } from '../plan/verify.ts'
import { problemJson } from './json.ts'
import { nextLines } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, cutRows, grouped, listed, nameLines, tally } from './text.ts'
import { took } from './time.ts'

/** The result of `assets verify`. */
export interface VerifyReport {
  readonly project: string
  readonly target: string
  readonly findings: readonly Finding[]
  readonly leftOut: readonly LeftOut[]
  /** What the findings do not cover. */
  readonly notes: readonly string[]
  /** Number of assets that were selected. Each is a finding, left out, not sampled, or not reached. */
  readonly selected: number
  /** Number of assets that can be verified. */
  readonly candidates: number
  /** Number of candidates that were selected for verification. */
  readonly sampled: number
  readonly share: number
  readonly seed: number
  readonly seconds: number
  readonly interrupted: boolean
}

/** Shows `assets verify`. */
export const verifyReporter: Reporter<VerifyReport> = { text: verifyText, json: verifyJson }

/** The assets that differ from their records, with the columns that differ. */
export function verifyText(report: VerifyReport, style: Style): string {
  const { paint } = style
  const of = (name: FindingName) => report.findings.filter(({ finding }) => finding === name)
  const wrong = of('false_fresh')
  const unstable = of('not_deterministic')
  const grown = of('differs_from_full_build')
  const failed = of('failed')
  const counts = tally([
    [of('sound').length, paint.green('sound')],
    [wrong.length, paint.red('false-fresh')],
    [unstable.length, paint.yellow('not deterministic')],
    [grown.length, paint.yellow('differing from a full build')],
    [failed.length, paint.red('not rebuilt')],
    [report.leftOut.length, 'left out'],
    [notSampled(report), 'not sampled'],
    [notReached(report), 'not reached'],
  ])
  return [
    [
      `${paint.bold(report.project)} on ${report.target}   ${counts || 'nothing selected'}`,
      scopeText(report),
    ],
    section(paint.red('false-fresh: a rebuild differs from the stored content'), wrong, style),
    section(
      paint.yellow('not deterministic: two builds from the same inputs differ'),
      unstable,
      style,
    ),
    section(
      paint.yellow('differs from a full build: --full-refresh would change it'),
      grown,
      style,
    ),
    section(paint.red('could not be rebuilt'), failed, style),
    leftOutLines(report.leftOut, style),
    report.notes.map((note) => `note: ${note}`),
    nextLines(nextCommand(wrong, grown, failed), style),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** Number of assets that could be verified and are not in the sample. */
function notSampled({ candidates, sampled }: VerifyReport): number {
  return candidates - sampled
}

/** Number of assets that an interrupt came before. */
function notReached(report: VerifyReport): number {
  const { selected, findings, leftOut } = report
  return selected - findings.length - leftOut.length - notSampled(report)
}

/** What was verified, and the seed that selects the same sample again. */
function scopeText(report: VerifyReport): string {
  const { candidates, findings, seed, share, seconds, interrupted } = report
  const drawn = share === 1 ? '' : ` (--seed ${seed})`
  const stopped = interrupted ? '; stopped before the end' : ''
  if (findings.length === 0) return `nothing could be verified${drawn}${stopped}`
  const verified =
    share === 1
      ? counted(findings.length, 'fresh asset')
      : `${grouped(findings.length)} of ${counted(candidates, 'fresh asset')}`
  return `built ${verified}${drawn} twice in scratch, in ${took(seconds)}${stopped}`
}

function section(title: string, findings: readonly Finding[], style: Style): string[] {
  if (findings.length === 0) return []
  const column = columnOf(findings.map(({ asset }) => asset))
  return [
    title,
    ...cutRows(findings, style, (finding) => [
      `  ${cell(finding.asset, column)}${differenceText(finding)}`,
    ]),
  ]
}

/** `14,597 rows stored, 14,590 rebuilt; columns amount and customer_id`. */
function differenceText({ finding, columns, rows, problem }: Finding): string {
  if (problem !== null) return problem.message
  const facts: string[] = []
  if (rows !== null && rows.stored !== rows.rebuilt) {
    const [one, other] =
      finding === 'not_deterministic'
        ? ['in the first build', 'in the second']
        : ['stored', 'rebuilt']
    facts.push(`${counted(rows.stored, 'row')} ${one}, ${grouped(rows.rebuilt)} ${other}`)
  }
  if (columns === null) return [...facts, 'its content differs'].join('; ')
  const texts = columns.map(columnText)
  const what = texts.length === 1 ? 'column' : 'columns'
  facts.push(
    texts.length === 0
      ? 'the order of the columns or the combination of values differs'
      : `${what} ${listed(texts)}`,
  )
  return facts.join('; ')
}

function columnText({ column, differs }: ColumnDifference): string {
  switch (differs) {
    case 'values':
      return column
    case 'pairing':
      return `${column} (same values in different rows)`
    case 'type':
      return `${column} (type differs)`
    case 'gone':
      return `${column} (missing in the rebuild)`
    case 'new':
      return `${column} (new)`
  }
}

function leftOutLines(leftOut: readonly LeftOut[], style: Style): string[] {
  if (leftOut.length === 0) return []
  const byReason = groupBy(leftOut, ({ because }) => because)
  return [
    'left out',
    ...[...byReason].flatMap(([because, group]) => [
      `  ${because} (${grouped(group.length)})`,
      ...nameLines(
        group.map(({ asset }) => asset),
        '    ',
        style,
      ),
    ]),
  ]
}

function nextCommand(
  wrong: readonly Finding[],
  grown: readonly Finding[],
  failed: readonly Finding[],
): string | null {
  const names = (findings: readonly Finding[]) => findings.map(({ asset }) => asset).join(' ')
  if (wrong.length > 0) return `assets materialize --force ${names(wrong)}`
  if (failed[0] !== undefined) return `assets why ${failed[0].asset}`
  if (grown.length > 0) return `assets materialize --full-refresh ${names(grown)}`
  return null
}

/** `assets/verify/1`. */
export function verifyJson(report: VerifyReport) {
  const count = (name: FindingName) =>
    report.findings.filter(({ finding }) => finding === name).length
  return {
    schema: 'assets/verify/1',
    project: report.project,
    target: report.target,
    selected: report.selected,
    candidates: report.candidates,
    sampled: report.sampled,
    share: report.share,
    seed: report.seed,
    seconds: report.seconds,
    interrupted: report.interrupted,
    counts: {
      sound: count('sound'),
      false_fresh: count('false_fresh'),
      not_deterministic: count('not_deterministic'),
      differs_from_full_build: count('differs_from_full_build'),
      failed: count('failed'),
      left_out: report.leftOut.length,
      not_sampled: notSampled(report),
      not_reached: notReached(report),
    },
    assets: report.findings.map(({ asset, finding, columns, rows, problem }) => ({
      asset,
      finding,
      columns,
      rows,
      ...(problem === null ? {} : { problem: problemJson(problem) }),
    })),
    left_out: report.leftOut,
    notes: report.notes,
  } as const
}
