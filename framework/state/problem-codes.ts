/** The problem codes of this room, with meaning and remedy. `PROBLEMS.md` is generated from them. */
export const problemCodes = {
  busy: 'Another run is building the target in the state to copy to, or to restore into. Wait until it has ended, then run the command again.',
  'lease-lost':
    'The run sent no heartbeat for a minute and another run took its lease over. Run the command again to build the rest.',
  'state-copy-differs':
    'A table has the wrong number of rows after the copy, so nothing was copied. Run the command again; report it if it fails again.',
  'state-newer':
    'A newer version of `assets` wrote the state. Install the version that the project requires, or a newer one.',
  'state-not-empty':
    'The state to copy to already has data of the target. Add `--replace` to delete it, or copy to another state.',
  'state-run-numbers':
    'The state to copy to has runs of another target with the same numbers. Copy to an empty state.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
