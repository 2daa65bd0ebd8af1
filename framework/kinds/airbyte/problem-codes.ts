/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  'load-unsupported': '',
  'missing-primary-key': '',
  'scratch-unwritable': '',
  'table-missing': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
