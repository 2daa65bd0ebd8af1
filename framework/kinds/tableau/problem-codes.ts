/** The problems of this kind: what each means, and what to do. `PROBLEMS.md` is generated from this. */
export const problemCodes = {
  'refresh-without-inputs':
    'A refresh depends on nothing, so nothing would make it stale. Add the models that it reads to `deps:`, or set `freshness:`.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
