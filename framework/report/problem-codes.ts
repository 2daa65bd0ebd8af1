/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  bug: 'An unexpected error, which is a bug in assets. Report it with the text that is shown.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
