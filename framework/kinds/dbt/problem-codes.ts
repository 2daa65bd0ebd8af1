/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is made of these. */
export const problemCodes = {
  'ambiguous-model': '',
  cancelled: '',
  'check-failed': '',
  'dbt-died': '',
  'dbt-failed': '',
  'dbt-hook': '',
  'dbt-left-out': '',
  'dbt-not-configured': '',
  'dbt-project': '',
  'dbt-project-changed': '',
  'dbt-project-missing': '',
  'deps-disagree': '',
  'disabled-model': '',
  'duplicate-model': '',
  'python-environment': '',
  'python-missing': '',
  'python-venv-missing': '',
  'relation-missing': '',
  'relation-unreadable': '',
  'requirements-missing': '',
  'undeclared-model': '',
  'unknown-model': '',
  'unknown-source': '',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
