/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'column-collision':
    'An extract has two columns with one name. Rename one of them with `as` in the query.',
  'unknown-column':
    'An extract writes or orders by a column that does not exist. Correct the name; the hint lists the columns.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
