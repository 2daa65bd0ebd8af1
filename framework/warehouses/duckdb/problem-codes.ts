/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  cancelled: '',
  'column-collision': '',
  'disk-full': '',
  'export-failed': '',
  'load-failed': '',
  'relation-unreadable': '',
  'unknown-column': '',
  'warehouse-failed': '',
  'warehouse-locked': '',
  'warehouse-memory': '',
  'warehouse-newer-format': '',
  'warehouse-not-duckdb': '',
  'warehouse-settings': '',
  'warehouse-unwritable': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
