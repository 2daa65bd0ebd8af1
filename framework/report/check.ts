import type { Problem } from '../model/problem.ts'
import { problemJson } from './json.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { counted, nextLine } from './text.ts'

/** The result of `assets check` when it finds no problems. */
export interface CheckReport {
  readonly project: string
  readonly target: string
  readonly assets: number
  readonly checks: number
  /** False while the Python environment of dbt does not exist yet: then dbt's project is not read. */
  readonly comparedWithDbt: boolean
  readonly warnings: readonly Problem[]
}

/** Shows `assets check`. */
export const checkReporter: Reporter<CheckReport> = { text: checkText, json: checkJson }

function checkText(report: CheckReport, style: Style): string {
  const { project, target, assets, checks, comparedWithDbt } = report
  const counts = [counted(assets, 'asset'), ...(checks === 0 ? [] : [counted(checks, 'check')])]
  return [
    `${style.paint.bold(project)} on ${target}   ${counts.join(', ')}   ${style.paint.green('no problems')}`,
    ...(comparedWithDbt
      ? []
      : ['not compared with dbt: the first build creates the Python environment of dbt']),
    '',
    nextLine(comparedWithDbt ? 'assets status' : 'assets materialize', style),
  ].join('\n')
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
    warnings: report.warnings.map(problemJson),
  } as const
}
