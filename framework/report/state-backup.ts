import type { Reporter } from './reporter.ts'
import { rowLines } from './row-counts.ts'

/** What `assets state backup` wrote. */
export interface StateBackupReport {
  readonly target: string
  readonly file: string
  /** Number of rows by table. */
  readonly rows: Readonly<Record<string, number>>
}

/** Shows `assets state backup`. */
export const stateBackupReporter: Reporter<StateBackupReport> = {
  text: ({ file, rows }) => `wrote ${rowLines(rows).total} to ${file}`,
  /** `assets/state-backup/1`. */
  json: (report) => ({ schema: 'assets/state-backup/1', ...report }),
}
