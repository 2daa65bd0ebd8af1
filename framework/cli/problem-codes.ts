/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  busy: '',
  'dbt-unread': '',
  declined: '',
  'file-missing': '',
  'home-unwritable': '',
  'init-unwritable': '',
  'no-connection': '',
  'no-embedded-source': '',
  'no-project': '',
  'no-state': '',
  'no-warehouse': '',
  'selection-empty': '',
  'state-same': '',
  'unknown-asset': '',
  'unknown-connection': '',
  'unknown-job': '',
  'unknown-run': '',
  'unreadable-date': '',
  usage: '',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
