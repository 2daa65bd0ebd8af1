import type { Problem } from '../model/problem.ts'
import { CURSOR_LIMITS } from './cursor-limits.ts'
import { problemJson } from './json.ts'
import { nextLines, spaced } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { counted } from './text.ts'

/** Assets of one cursor that are named; the others are counted. */
const CURSOR_ASSETS = 12

/** The result of `assets check` when it finds no problems. */
export interface CheckReport {
  readonly project: string
  readonly target: string
  readonly assets: number
  readonly checks: number
  /** False while the Python environment of dbt does not exist yet: then dbt's project is not read. */
  readonly comparedWithDbt: boolean
  /** The assets whose sources are compared by a cursor only (SEMANTICS 38). */
  readonly cursors: readonly { readonly asset: string; readonly column: string }[]
  readonly warnings: readonly Problem[]
}

/** Shows `assets check`. */
export const checkReporter: Reporter<CheckReport> = { text: checkText, json: checkJson }

function checkText(report: CheckReport, style: Style): string {
  const { project, target, assets, checks, comparedWithDbt, cursors } = report
  const counts = [counted(assets, 'asset'), ...(checks === 0 ? [] : [counted(checks, 'check')])]
  return [
    `${style.paint.bold(project)} on ${target}   ${counts.join(', ')}   ${style.paint.green('no problems')}`,
    ...(comparedWithDbt
      ? []
      : ['not compared with dbt: its Python environment does not exist yet']),
    ...cursorTexts(cursors),
    ...spaced(nextLines(comparedWithDbt ? 'assets status' : 'assets check --install', style)),
  ].join('\n')
}

/** What cursors can't show, and the assets of each cursor. */
function cursorTexts(cursors: CheckReport['cursors']): readonly string[] {
  if (cursors.length === 0) return []
  const byColumn = new Map<string, string[]>()
  for (const { asset, column } of cursors) {
    byColumn.set(column, [...(byColumn.get(column) ?? []), asset])
  }
  return [
    `${counted(cursors.length, 'asset')} compared with ${cursors.length === 1 ? 'its' : 'their'} source by a cursor only: ${CURSOR_LIMITS}`,
    ...[...byColumn].map(([column, assets]) => {
      const shown = assets.slice(0, CURSOR_ASSETS)
      const hidden = assets.length - shown.length
      const more = hidden === 0 ? '' : `, … ${hidden} more`
      return `   fresh as far as \`${column}\` tells: ${shown.join(', ')}${more}`
    }),
  ]
}

/** `assets/check/1`. */
function checkJson(report: CheckReport) {
  return {
    schema: 'assets/check/1',
    project: report.project,
    target: report.target,
    assets: report.assets,
    checks: report.checks,
    compared_with_dbt: report.comparedWithDbt,
    cursors: report.cursors,
    warnings: report.warnings.map(problemJson),
  } as const
}
