import type { Reporter } from './reporter.ts'
import { rowLines } from './row-counts.ts'

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
  const { total, lines } = rowLines(rows)
  return [`copied ${total} of target ${target} from ${from} to ${to}`, ...lines].join('\n')
}

/** `assets/state-copy/1`. */
function stateCopyJson(report: StateCopyReport) {
  return { schema: 'assets/state-copy/1', ...report } as const
}
