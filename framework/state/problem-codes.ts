/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  busy: '',
  'lease-lost': '',
  'state-copy-differs': '',
  'state-newer': '',
  'state-not-empty': '',
  'state-run-numbers': '',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
