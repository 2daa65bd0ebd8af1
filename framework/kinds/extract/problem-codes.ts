/** The problems of this kind: what each means, and what to do. `PROBLEMS.md` is generated from this. */
export const problemCodes = {
  'extract-chart':
    'The keys of `chart:` do not fit together, or it names a column that `columns:` of the extract does not have. Correct `chart:`.',
  'extract-format':
    'The file name of an extract ends in none of `.csv`, `.parquet` and `.hyper`. Rename the file or set `format:`.',
  'extract-origin':
    'It is not clear what an extract writes, or it reads something that it does not depend on or that has no table. Correct `from:`, `query:` or `deps:`.',
  'extract-unwritable':
    "The file of an extract can't be written. Free disk space, allow this user to write there, or change `to:`.",
  'publish-adopt':
    'A published extract has `on_drift: adopt`. What others made of its file or its data source would not be the other one. Remove one of the two.',
  'publish-format':
    'An extract is published on a target where its file has a format that the connection does not take. Set `format:` for the target.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
