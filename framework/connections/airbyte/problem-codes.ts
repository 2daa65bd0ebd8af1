/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  'airbyte-connection-inactive': '',
  'airbyte-connection-unknown': '',
  'airbyte-deadline': '',
  'airbyte-denied': '',
  'airbyte-needs-refresh': '',
  'airbyte-not-answering': '',
  'airbyte-nothing-ran': '',
  'airbyte-outcome-unknown': '',
  'airbyte-refused': '',
  'airbyte-stream-failed': '',
  'airbyte-sync-cancelled': '',
  'airbyte-sync-failed': '',
  'airbyte-sync-not-started': '',
  'airbyte-sync-refused': '',
  'airbyte-without-applications': '',
  'cursor-differs': '',
  'invalid-connection': '',
  'primary-key-differs': '',
  'stream-not-selected': '',
  'sync-differs': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
