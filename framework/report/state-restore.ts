import type { Reporter } from './reporter.ts'
import { rowLines } from './row-counts.ts'

/** What `assets state restore` did. */
export interface StateRestoreReport {
  readonly target: string
  readonly file: string
  /** Number of restored rows by table. */
  readonly rows: Readonly<Record<string, number>>
  /** Where the state from before is kept; null if there was nothing in it. */
  readonly kept: string | null
}

/** Shows `assets state restore`. */
export const stateRestoreReporter: Reporter<StateRestoreReport> = {
  text: ({ file, rows, kept }) =>
    [
      `restored ${rowLines(rows).total} from ${file}`,
      ...(kept === null ? [] : [`the state from before is kept in ${kept}`]),
      '',
      'next: assets status, which observes everything again',
    ].join('\n'),
  /** `assets/state-restore/1`. */
  json: ({ target, file, rows, kept }) => ({
    schema: 'assets/state-restore/1',
    target,
    file,
    rows,
    kept,
  }),
}
