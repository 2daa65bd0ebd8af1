/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  'secret-denied': '',
  'secret-failed': '',
  'secret-missing': '',
  'secrets-credentials': '',
  'secrets-region': '',
  'secrets-unreachable': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
