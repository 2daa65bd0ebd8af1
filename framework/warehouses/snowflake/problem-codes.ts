/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  cancelled: '',
  'column-collision': '',
  'disk-full': '',
  'export-failed': '',
  'relation-unreadable': '',
  'scratch-refused': '',
  'unknown-column': '',
  'warehouse-connection': '',
  'warehouse-failed': '',
  'warehouse-key-missing': '',
  'warehouse-login': '',
  'warehouse-login-contradiction': '',
  'warehouse-login-missing': '',
  'warehouse-none-active': '',
  'warehouse-passcode': '',
  'warehouse-settings': '',
  'warehouse-timeout': '',
  'warehouse-unreachable': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
