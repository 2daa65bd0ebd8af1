import { groupBy } from '../lib/group-by.ts'
import type { ColumnDifference } from '../model/rebuilt.ts'
import type { Finding, FindingName, LeftOut } from '../plan/verify.ts'
import { problemJson } from './json.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import {
  cell,
  columnOf,
  counted,
  cutRows,
  grouped,
  listed,
  nameLines,
  nextLine,
  tally,
} from './text.ts'
import { took } from './time.ts'

/** The result of `assets verify`. */
export interface VerifyReport {
  readonly project: string
  readonly target: string
  readonly findings: readonly Finding[]
  readonly leftOut: readonly LeftOut[]
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
    [nextLine(nextCommand(wrong, grown, failed), style)],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** What was verified, and the seed that selects the same sample again. */
function scopeText({
  candidates,
  sampled,
  findings,
  seed,
  share,
  seconds,
  interrupted,
}: VerifyReport) {
  const verified =
    share === 1
      ? counted(sampled, 'fresh asset')
      : `${grouped(sampled)} of ${counted(candidates, 'fresh asset')} (--seed ${seed})`
  const stopped = interrupted ? `; stopped after ${grouped(findings.length)}` : ''
  return `built ${verified} twice in a scratch schema, in ${took(seconds)}${stopped}`
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
  if (columns === null) return [...facts, 'its bytes differ'].join('; ')
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
): string {
  const names = (findings: readonly Finding[]) => findings.map(({ asset }) => asset).join(' ')
  if (wrong.length > 0) return `assets materialize --force ${names(wrong)}`
  if (failed[0] !== undefined) return `assets why ${failed[0].asset}`
  if (grown.length > 0) return `assets materialize --full-refresh ${names(grown)}`
  return 'assets status'
}

/** `assets/verify/1`. */
export function verifyJson(report: VerifyReport) {
  const count = (name: FindingName) =>
    report.findings.filter(({ finding }) => finding === name).length
  return {
    schema: 'assets/verify/1',
    project: report.project,
    target: report.target,
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
    },
    assets: report.findings.map(({ asset, finding, columns, rows, problem }) => ({
      asset,
      finding,
      columns,
      rows,
      ...(problem === null ? {} : { problem: problemJson(problem) }),
    })),
    left_out: report.leftOut,
  } as const
}
