import type { KindName } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'
import type { Base, Differences } from '../plan/against.ts'
import type { ColumnChange, ColumnChanges } from '../plan/column-changes.ts'
import type { Forecast } from '../plan/estimate.ts'
import type { Plan } from '../plan/steps.ts'
import { problemJson } from './json.ts'
import { nextLines } from './next.ts'
import {
  commentsSection,
  forecastJson,
  joinSections,
  poolLines,
  stepCounts,
  stepJson,
  stepSections,
  timeLines,
} from './plan.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, cutRows, nameLines, tally } from './text.ts'

/** The result of `assets plan --against`. */
export interface PlanAgainstReport extends Omit<Plan, 'steps'>, Forecast, Differences {
  readonly project: string
  readonly target: string
  readonly base: Base
  /** What the base lacks, so that nothing of it counts as built; null: nothing. */
  readonly lacks: 'project' | 'target' | null
  /** Files that the steps write, such as those of extracts. */
  readonly files: readonly WrittenFile[]
  readonly columns: ColumnChanges
  /** Assets whose comments are set without a build. */
  readonly comments: readonly string[]
  /** The command that builds it. */
  readonly command: string
  readonly warnings: readonly Problem[]
}

export interface WrittenFile {
  readonly asset: string
  readonly kind: KindName
  /** Relative to the project root. */
  readonly path: string
  /** Whether it is certain to be written. */
  readonly isCertain: boolean
}

/** Shows `assets plan --against`. */
export const planAgainstReporter: Reporter<PlanAgainstReport> = {
  text: planAgainstText,
  json: planAgainstJson,
}

/** What the working tree would rebuild, and what else differs. */
export function planAgainstText(report: PlanAgainstReport, style: Style): string {
  const { paint } = style
  const counts = tally([
    ...stepCounts(report.steps, style),
    [report.added.length, 'new'],
    [report.removed.length, 'removed'],
    [report.fresh.length, paint.green('not affected')],
  ])
  const isNothing = report.steps.length === 0
  return joinSections([
    [
      `${paint.bold(report.project)} on ${report.target}: working tree against ${baseText(report.base)}`,
      ...baseNotes(report),
      isNothing ? `nothing to build   ${counts}`.trimEnd() : counts,
      ...(report.estimate === null ? [] : timeLines(report)),
      ...poolLines(report.steps),
    ],
    ...stepSections(report, style),
    columnsSection(report, style),
    unknownColumnsSection(report, style),
    filesSection(report, style),
    commentsSection(report, style),
    elsewhereSection(report, style),
    removedSection(report, style),
    movedSection(report, style),
    removedChecksSection(report, style),
    nextLines(isNothing ? null : report.command, style),
  ])
}

/** `main (3f2a1bc)`, or `the merge base of main and HEAD (3f2a1bc)`. */
function baseText({ ref, short, relation }: Base): string {
  return relation === 'merge_base'
    ? `the merge base of ${ref} and HEAD (${short})`
    : `${ref} (${short})`
}

/** What a reader has to know of the commit, as sentences. */
export function baseNotes({ base, lacks, target }: PlanAgainstReport): readonly string[] {
  const { ref, relation, behind } = base
  return [
    ...(relation === 'merge_base' && behind > 0
      ? [
          `${ref} is ${counted(behind, 'commit')} further; --no-merge-base compares with ${ref} itself`,
        ]
      : []),
    ...(relation === 'unrelated'
      ? [`git knows no merge base of ${ref} and HEAD, so this compares with ${ref} itself`]
      : []),
    ...(lacks === 'project' ? [`${ref} has no assets.yaml here, so everything is new`] : []),
    ...(lacks === 'target' ? [`${ref} has no target ${target}, so everything is new`] : []),
  ]
}

function columnsSection({ columns: { changes } }: PlanAgainstReport, style: Style): string[] {
  if (changes.length === 0) return []
  const column = columnOf(changes.map(columnName))
  return [
    'columns',
    ...cutRows(changes, style, (change) => [
      `  ${cell(columnName(change), column)}${changeText(change)}`,
      ...change.readers.map(({ asset, file, line }) => `    ${asset} names it: ${file}:${line}`),
    ]),
  ]
}

/** `fact_payment.amount`. */
export const columnName = ({ asset, column }: ColumnChange): string => `${asset}.${column}`

/** `removed`, `added`, `INTEGER → BIGINT`. */
export function changeText({ change, from, to }: ColumnChange): string {
  return change === 'retyped' ? `${from} → ${to}` : change
}

function unknownColumnsSection({ columns }: PlanAgainstReport, style: Style): string[] {
  if (columns.unknown.length === 0) return []
  return [
    'changed, and the files do not say which columns',
    ...nameLines(columns.unknown, '  ', style),
  ]
}

function filesSection({ files }: PlanAgainstReport, style: Style): string[] {
  if (files.length === 0) return []
  const column = columnOf(files.map(({ asset }) => asset))
  return [
    'files that can change',
    ...cutRows(files, style, ({ asset, path }) => [`  ${cell(asset, column)}${path}`]),
  ]
}

/** Externals whose path or relation is another one. */
function elsewhereSection({ absent }: PlanAgainstReport, style: Style): string[] {
  if (absent.length === 0) return []
  return [
    'externals at another place, whose content is not known here',
    ...nameLines(absent, '  ', style),
  ]
}

function removedSection({ removed, project }: PlanAgainstReport, style: Style): string[] {
  if (removed.length === 0) return []
  const column = columnOf(removed.map(({ asset }) => asset))
  return [
    `no longer in ${project}`,
    ...cutRows(removed, style, (one) => [`  ${cell(one.asset, column)}${leavesText(one)}`]),
  ]
}

/** What a removed asset leaves. */
export function leavesText({ relation, files }: Differences['removed'][number]): string {
  const left = [...(relation === null ? [] : [relation]), ...files]
  return left.length === 0
    ? 'leaves nothing'
    : `${left.join(', ')} ${left.length === 1 ? 'stays' : 'stay'} until someone drops it`
}

function movedSection({ moved }: PlanAgainstReport, style: Style): string[] {
  if (moved.length === 0) return []
  const column = columnOf(moved.map(({ asset }) => asset))
  return [
    'at another place',
    ...cutRows(moved, style, ({ asset, from, to }) => [`  ${cell(asset, column)}${from} → ${to}`]),
  ]
}

function removedChecksSection({ removedChecks }: PlanAgainstReport, style: Style): string[] {
  if (removedChecks.length === 0) return []
  return ['checks that are gone', ...nameLines(removedChecks, '  ', style)]
}

/** `assets/plan-against/1`. */
function planAgainstJson(report: PlanAgainstReport) {
  const { base } = report
  return {
    schema: 'assets/plan-against/1',
    project: report.project,
    target: report.target,
    base: {
      ref: base.ref,
      commit: base.commit,
      relation: base.relation,
      behind: base.behind,
      lacks: report.lacks,
    },
    steps: report.steps.map(stepJson),
    not_affected: report.fresh,
    may_replace: report.mayReplace,
    waiting: report.waiting,
    externals_elsewhere: report.absent,
    added: report.added,
    removed: report.removed,
    moved: report.moved,
    added_checks: report.addedChecks,
    removed_checks: report.removedChecks,
    files: report.files.map(({ asset, kind, path, isCertain }) => ({
      asset,
      kind,
      path,
      certain: isCertain,
    })),
    columns: report.columns.changes,
    columns_not_known: report.columns.unknown,
    comments: report.comments,
    ...forecastJson(report),
    command: report.command,
    warnings: report.warnings.map(problemJson),
  } as const
}
