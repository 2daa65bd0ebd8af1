import type { Reporter } from './reporter.ts'
import { counted } from './text.ts'

/** What `assets state copy` copied. */
export interface StateCopyReport {
  readonly target: string
  readonly from: string
  readonly to: string
  /** Number of rows by table. */
  readonly rows: Readonly<Record<string, number>>
}

/** Shows `assets state copy`. */
export const stateCopyReporter: Reporter<StateCopyReport> = {
  text: stateCopyText,
  json: stateCopyJson,
}

function stateCopyText({ target, from, to, rows }: StateCopyReport): string {
  const tables = Object.entries(rows).filter(([, count]) => count > 0)
  const lines = tables.map(([table, count]) => `  ${table.replaceAll('_', ' ').padEnd(14)}${count}`)
  const total = tables.reduce((sum, [, count]) => sum + count, 0)
  return [
    `copied ${counted(total, 'row')} of target ${target} from ${from} to ${to}`,
    ...lines,
  ].join('\n')
}

/** `assets/state-copy/1`. */
function stateCopyJson(report: StateCopyReport) {
  return { schema: 'assets/state-copy/1', ...report } as const
}
