/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'load-unsupported':
    "A postgres connection cannot load into this target's warehouse. Use a connection of type airbyte in this target.",
  'missing-primary-key':
    'An asset has `sync: incremental_dedup` but no `primary_key`. Add one, or set `sync: full_refresh`.',
  'scratch-unwritable':
    'Spool files cannot be written to the `.assets` folder. Make it writable, and check that the disk is not full.',
  'table-missing':
    'A sync succeeded, but its table is not in the warehouse. Set `target_schema` and `prefix` of the connection to where Airbyte writes.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
