import { type Mutant, oneEdit } from './mutant.ts'

// The tests that notice what is broken, and mutants of the rules of freshness.

export const HISTORIES = 'tests/property/histories.test.ts'

const semantics = (part: string) => `tests/property/semantics-of-${part}.test.ts`

/** The tests of what is decided and run: named cases first, then random histories. */
export const ENGINE = [
  ...['versions', 'runs', 'checks'].map(semantics),
  'tests/unit/run.test.ts',
  HISTORIES,
]
export const MOVES = [semantics('moves'), HISTORIES]
export const SIDE_WRITES = [semantics('side-writes')]
export const FAST_PATH = ['tests/property/unchanged.test.ts']
export const RAW_TABLES = [
  'tests/unit/kind-airbyte/kind.test.ts',
  'tests/unit/kind-airbyte/sync.test.ts',
]
export const WHY = ['tests/unit/staleness/explain.test.ts', 'tests/property/why.test.ts']
export const CLOCK = ['tests/unit/staleness/clock-policy.test.ts']
export const PLAN = ['tests/unit/plan-steps.test.ts']
export const PLAN_AND_RUN = [...PLAN, HISTORIES]
export const LATE = ['tests/unit/execute/define-later.test.ts', HISTORIES]
export const FULL_BUILDS = ['tests/unit/staleness/full-builds.test.ts']
export const VERIFY = ['tests/unit/verify.test.ts']
export const FILES = ['tests/unit/kinds/shown-files.test.ts']
export const CATALOG = ['tests/unit/kind-dbt/catalog-functions.test.ts']
export const PROFILE = ['tests/unit/kind-dbt/profile.test.ts']
export const DBT_ASSETS = ['tests/unit/kind-dbt/define.test.ts']
export const LIMITS = ['tests/unit/execute/limits.test.ts']
export const SELECTION = ['tests/unit/graph/selection.test.ts']
export const SCHEDULE = ['tests/unit/execute/schedule.test.ts']

/** A mutant of one edit. */
export const mutant = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [find: string, replace: string],
  tests: readonly string[] = ENGINE,
): Mutant => oneEdit(name, rule, file, edit, tests)
