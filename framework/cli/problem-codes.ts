/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'against-outside':
    'The dbt project is outside the git repository, so `--against` can not compare it. Run it where one repository has both.',
  'base-invalid':
    'The project at the commit that `--against` names has problems, which are shown with it. Name another commit, or correct it there.',
  busy: 'Another run holds the target. Wait for it, or run without `--no-wait`.',
  'database-unseen':
    "A warning. dbt reads or writes a database that `assets` can't look into, so what reads it is built in each run. Have dbt read its tables from a DuckDB file or from the target's own database.",
  'dbt-unread':
    'The dbt project was not read yet, so selectors that only dbt can answer match nothing. Run `assets materialize` once.',
  declined:
    'The confirmation of a target with `confirm: true` was not answered with yes. Answer `y`, or use `--yes`.',
  'file-missing':
    'The file to copy, check or restore a state from does not exist. Correct its name.',
  'file-refused':
    'The system refused to read or write a file that assets needs, such as a cache in `.assets`. The message names the file and the reason.',
  'git-failed': 'A git command failed. Correct what git reports.',
  'git-missing': '`--against` needs the program git. Install it.',
  'home-unwritable': "The folder `.assets` can't be created. Make the project folder writable.",
  'import-differs':
    'After an import, the project would not be the same as before, so nothing was written. The message says what differs.',
  'import-not-ours':
    'The file for the imported assets exists and was not written by `assets import`. Name another one: `--to FILE`.',
  'import-unwritable':
    "`assets import` can't write a YAML file of the project. Make it writable, or name another one: `--to FILE`.",
  'init-unwritable':
    "`assets init` can't write to the folder. Choose a folder that you can write to.",
  'left-running':
    'A run was killed, and what it left running could not be ended, because it belongs to another user or hangs. End it (`kill`), then run the same command again.',
  'no-connection':
    'An asset names a connection that the target does not have, or one that loads no tables. Add it under `connections:` of the target.',
  'no-embedded-source':
    'The target or connection has no embedded source. Use the tools of the database server instead.',
  'no-repository':
    'The project is in no git repository that git can use, so `--against` has nothing to compare with. Run it in a clone.',
  'no-state': 'The type of the `state:` of the target is unknown. Use `sqlite` or `postgres`.',
  'no-warehouse':
    'An asset needs a warehouse and the target has none. Add `warehouse:` to the target.',
  'policy-selection':
    'A policy has a selection that does not say the same at all times, or that only dbt can answer. Select by name, tag, group, kind or path.',
  'port-unusable':
    "`assets ui` can't listen on the port or address. Name another one, or leave out `--port` and `--host`.",
  'selection-empty': 'Everything in the selection is also excluded. Change `--exclude`.',
  'state-backup-exists': 'The file of a backup exists. Name another one, or add `--replace`.',
  'state-same':
    'The file is already the `state:` of the target, so there is nothing to copy. Name another file.',
  'too-many-files':
    'The system lets this process open no more files. Raise the limit, such as with `ulimit -n 1024`, and run the same command again.',
  'unknown-asset': 'No asset or check has this name. Correct it; `assets list` shows all names.',
  'unknown-connection': 'The target has no connection with this name. Correct `--connection`.',
  'unknown-job': 'No job has this name. Correct it, or add the job under `jobs:` in `assets.yaml`.',
  'unknown-ref':
    'git knows no commit of this name. Correct `--against`, or fetch the branch; in GitHub Actions set `fetch-depth: 0`.',
  'unknown-run': 'No run has this number. `assets runs` lists the runs.',
  'unreadable-date':
    'The value of `--since` is neither a date nor a duration. Use a form such as `7d` or `2026-03-01`.',
  usage:
    'The command line is invalid. `assets VERB --help` shows the arguments and options of a verb.',
  'warehouse-type':
    "The output of dbt's profile has a type for which assets has no warehouse adapter. Use an output of another type: set `dbt.target`.",
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
