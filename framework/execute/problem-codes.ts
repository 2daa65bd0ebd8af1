/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'check-failed':
    'A check found failing rows. A check of severity `error` blocks what reads its assets. Correct the data or the check, then run the same command again.',
  'external-missing':
    'An external asset does not exist, and assets does not build it. Load it, or remove it from its YAML file.',
  'no-outcome':
    'A step was started, and its outcome was not reported. Run the same command again; if it happens again, report it as a bug.',
  'snapshot-gone':
    "The table of a dbt snapshot is gone, and its history can't be built again. Restore it from a backup, or start a new history with `--full-refresh`.",
  'snapshot-moved':
    'A dbt snapshot belongs at another relation now, and its history is at the old one. Copy the table, undo the change, or start a new history with `--full-refresh`.',
  timeout:
    'A step took longer than its `timeout` and was stopped. Raise `timeout`, or find out why the step takes so long.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
