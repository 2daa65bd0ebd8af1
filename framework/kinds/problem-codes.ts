/** The problems that several kinds return: what each means, and what to do. `PROBLEMS.md` is generated from this. */
export const problemCodes = {
  'output-missing':
    "A build succeeded, but a file that the asset declares is missing or can't be read. Correct the path, which is relative to the project root, or let the command write the file.",
  'relation-missing':
    'The table or view of an asset does not exist in the warehouse. Build it with `assets materialize`.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
