/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  cycle: '',
  'output-conflict': '',
  'selection-empty': '',
  'selection-method': '',
  'selection-syntax': '',
  'selector-cycle': '',
  'shared-output': '',
  'unknown-asset': '',
  'unknown-selector': '',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
