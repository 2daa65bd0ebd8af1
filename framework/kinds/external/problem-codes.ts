/** The problems of this kind: what each means, and what to do. `PROBLEMS.md` is generated from this. */
export const problemCodes = {
  'external-place':
    'An external asset needs exactly one of `path:` and `relation:`. Set the file, or the `schema.table`, that holds it.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
