import type { ReadSource } from './problem.ts'
import type { Style } from './style.ts'

/** Every `schema` that a document of `--json` can have. A breaking change gets the next number. */
export type ReportSchema =
  | 'assets/check/1'
  | 'assets/doctor/1'
  | 'assets/graph/1'
  | 'assets/import/1'
  | 'assets/init/1'
  | 'assets/list/1'
  | 'assets/plan/1'
  | 'assets/plan-against/1'
  | 'assets/run/1'
  | 'assets/runs/1'
  | 'assets/savings/1'
  | 'assets/source/1'
  | 'assets/sql/1'
  | 'assets/state-backup/1'
  | 'assets/state-check/1'
  | 'assets/state-copy/1'
  | 'assets/state-prune/1'
  | 'assets/state-restore/1'
  | 'assets/status/1'
  | 'assets/verify/1'
  | 'assets/why/1'

/** Shows one kind of result, as text or as JSON. `Console.show` picks one of the two. */
export interface Reporter<T> {
  /** Lines without a trailing newline; an empty text prints nothing. */
  readonly text: (result: T, style: Style, source: ReadSource) => string
  readonly json: (result: T) => { readonly schema: ReportSchema }
}
