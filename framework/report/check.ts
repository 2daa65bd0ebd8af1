import type { Style } from './style.ts'
import { counted, nextLine } from './text.ts'

/** What `assets check` found to be in order. */
export interface CheckedReport {
  readonly project: string
  readonly target: string
  readonly assets: number
  readonly checks: number
  /** False when dbt's project could not be read without first making its environment. */
  readonly comparedWithDbt: boolean
}

export function checkedText(report: CheckedReport, style: Style): string {
  const { project, target, assets, checks, comparedWithDbt } = report
  const counts = [counted(assets, 'asset'), ...(checks === 0 ? [] : [counted(checks, 'check')])]
  return [
    `${style.paint.bold(project)} on ${target}   ${counts.join(', ')}   ${style.paint.green('no problems')}`,
    ...(comparedWithDbt
      ? []
      : ['not compared with dbt: its environment is made by the first build']),
    '',
    nextLine(comparedWithDbt ? 'assets status' : 'assets materialize', style),
  ].join('\n')
}

/** `assets/check/1`. */
export function checkedJson(report: CheckedReport) {
  return {
    schema: 'assets/check/1',
    project: report.project,
    target: report.target,
    assets: report.assets,
    checks: report.checks,
    compared_with_dbt: report.comparedWithDbt,
  } as const
}
