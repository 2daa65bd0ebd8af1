/** The problem codes of this room, with meaning and remedy. `PROBLEMS.md` is generated from them. */
export const problemCodes = {
  cancelled: 'The run was cancelled while it worked on the DuckDB file. Run the command again.',
  'column-collision':
    'A stream has two columns whose names differ only in case. Exclude one of them with `exclude:`.',
  'disk-full':
    'The disk of the DuckDB file is full. Free some space and run the command again; finished steps are not repeated.',
  'drop-failed':
    'A table or view that a moved asset left at its old relation could not be dropped. The detail shows the error of DuckDB.',
  'export-failed':
    'The relation or the query of an extract could not be read. Correct the query; the detail shows the error of DuckDB.',
  'load-failed':
    'Rows could not be loaded into a raw table, which is unchanged. The detail shows the error of DuckDB.',
  'relation-unreadable':
    'A relation was deleted, or a view uses a column that no longer exists. Build it again.',
  'warehouse-attach':
    "A database that dbt's profile attaches can't be attached, so views over it can't be read. Close the program that has its file open, or correct `attach` of the profile.",
  'warehouse-failed':
    'DuckDB reported an error that `assets` does not recognize. The detail shows it.',
  'warehouse-locked':
    'Another process has the DuckDB file open. Close that program, then run the command again.',
  'warehouse-memory':
    'DuckDB ran out of memory. Raise `memory_limit` of the warehouse, or lower `threads`.',
  'warehouse-newer-format':
    'A newer version of DuckDB wrote the file. Install a newer version of `assets`, or move the file away to build everything again.',
  'warehouse-not-duckdb':
    'The file is not a DuckDB file, or it is damaged. Move it away to build everything again, or correct `path`.',
  'warehouse-settings':
    '`path` of the DuckDB warehouse is missing or is not a file. Set it to a file such as `.assets/warehouse.duckdb`.',
  'warehouse-unwritable':
    'The DuckDB file or its folder is not writable, or the path is not a file. Change the permissions or `path`.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
