/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  'disk-full': '',
  'state-connection-lost': '',
  'state-corrupted': '',
  'state-database-missing': '',
  'state-in-doubt': '',
  'state-locked': '',
  'state-not-permitted': '',
  'state-read-only': '',
  'state-refused': '',
  'state-slow': '',
  'state-tls': '',
  'state-unreachable': '',
  'state-url': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
