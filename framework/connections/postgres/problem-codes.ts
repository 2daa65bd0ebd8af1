/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  cancelled: '',
  'column-clash': '',
  'disk-full': '',
  'embedded-init-failed': '',
  'embedded-init-missing': '',
  'embedded-init-unreadable': '',
  'missing-cursor-column': '',
  'missing-key-column': '',
  'no-columns': '',
  'rows-lost': '',
  'source-changed': '',
  'source-connection-lost': '',
  'source-database-missing': '',
  'source-failed': '',
  'source-locked': '',
  'source-not-answering': '',
  'source-permission-denied': '',
  'source-read-failed': '',
  'source-refused': '',
  'source-tls': '',
  'source-unreachable': '',
  'source-unwritable': '',
  'sql-failed': '',
  'unknown-column': '',
  'unknown-stream': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
