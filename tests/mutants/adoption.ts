import { type Mutant, oneEdit } from './mutant.ts'

const SEMANTICS = ['tests/property/semantics-of-adoption.test.ts']
const MEASURE = ['tests/unit/kinds/measure-relations.test.ts']
const DUCKDB = ['tests/contract/duckdb-compare-views.test.ts']
const SNOWFLAKE = ['tests/contract/snowflake-adopt.test.ts']

const mutant = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [find: string, replace: string],
  tests = SEMANTICS,
) => oneEdit(name, rule, file, edit, tests)

/** What exists before the first build (SEMANTICS 43). */
export const ADOPTION_MUTANTS: readonly Mutant[] = [
  mutant(
    'adopts-another-definition',
    'a view is adopted with the present definition only (43a)',
    'execute/adopt/claims.ts',
    ["if (comparison?.is === 'same') {", 'if (comparison !== undefined) {'],
  ),
  mutant(
    'vouching-outweighs-definition',
    'another definition outweighs who vouches (43a)',
    'execute/adopt/claims.ts',
    [
      "} else if (comparison?.is === 'other') {",
      "} else if (comparison?.is === 'other' && !vouched.has(asset)) {",
    ],
  ),
  mutant(
    'adopts-without-vouching',
    'a table is adopted only if a person vouches for it (43a)',
    'execute/adopt/claims.ts',
    ['} else if (vouched.has(asset)) {', '} else {'],
  ),
  mutant(
    'definition-not-compared-again',
    'a view that was defined again meanwhile is built (43a)',
    'execute/adopt/adoption.ts',
    ['claim.installed !== undefined && claim.installed !== record.installed', 'false'],
  ),
  mutant(
    'inputs-as-built',
    'an input that is built in the run counts at what it holds before (43b)',
    'execute/adopt/adoption.ts',
    [
      'else if (isUnrecorded(world, input)) wanted.add(input)',
      "else if (isUnrecorded(world, input) && form === 'view') wanted.add(input)",
    ],
  ),
  mutant(
    'unread-input-as-observed',
    'an input that moved while it was read is not known (43c)',
    'execute/adopt/adoption.ts',
    [
      'if (product === undefined && wanted.has(i)) {',
      'if (product === undefined && claim !== undefined) {',
    ],
  ),
  mutant(
    'adopts-over-unknown-inputs',
    'all inputs must be known (43c)',
    'execute/adopt/adoption.ts',
    ['if (!isKnown || !willBeKnown)', 'if (!willBeKnown)'],
  ),
  mutant(
    'adopts-over-others-outside',
    'an input outside the run that was never built is not known (43c)',
    'execute/adopt/adoption.ts',
    ['if (!isKnown || !willBeKnown)', 'if (!isKnown)'],
  ),
  mutant(
    'adopts-what-is-stale-at-once',
    'what would be stale at once is built (43e)',
    'execute/adopt/adoption.ts',
    ['if (stale.length > 0) continue', 'if (stale.length > records.length) continue'],
  ),
  mutant('adopts-raw-tables', 'a raw table is loaded (43e)', 'execute/adopt/candidates.ts', [
    'if (definition.readsSource === true || definition.unit !== null) {',
    'if (definition.unit !== null) {',
  ]),
  mutant(
    'adopts-half-of-a-build',
    'what a build began and did not finish is built (43d)',
    'execute/adopt/candidates.ts',
    ['if (journal !== null) return', 'if (journal === undefined) return'],
  ),
  mutant(
    'adopts-what-is-forced',
    'a requested build is stronger (43d)',
    'execute/adopt/candidates.ts',
    ["if (forced !== null) return 'a build was requested'", ''],
  ),
  mutant(
    'adopts-a-table-of-another',
    'what another asset was built at is built (43e)',
    'execute/adopt/candidates.ts',
    ['if (isOfOther(world, i) || ', 'if ('],
  ),
  mutant(
    'adopts-view-as-table',
    'a view in the place of a table is replaced (43e)',
    'execute/adopt/candidates.ts',
    ['isShown !== (found.installed !== null)', 'isShown === undefined'],
  ),
  mutant(
    'first-builds-not-noted',
    'a run notes what it is to build for the first time (43d)',
    'execute/run.ts',
    ['if (recorded.ok && noted.length > 0) await lease.write(noted)', ''],
  ),
  mutant(
    'first-builds-outweighed',
    'nobody vouches for what a run was to build (43d)',
    'execute/adopt/claims.ts',
    [
      "if (run === undefined || world.definition(i)!.form === 'view') return null",
      'if (run !== null) return null',
    ],
  ),
  mutant(
    'adopted-counts-as-built',
    'an adopted asset is adopted in the history (43f)',
    'execute/run-state.ts',
    [
      'this.outcome[i] = isKept ? (this.adopted.get(i) ?? outcome) : outcome',
      'this.outcome[i] = outcome',
    ],
  ),
  mutant(
    'adoption-not-written',
    'what is adopted is recorded before the first step (43c)',
    'execute/adopt/run.ts',
    ['if (adoption.changes.length > 0) {', 'if (adoption.changes.length > 1e9) {'],
  ),
  mutant(
    'token-read-once',
    'a change token is read before and after (43c)',
    'kinds/measure-relations.ts',
    ['was.token !== is.token', 'was.token === null'],
    MEASURE,
  ),
  mutant(
    'definition-read-once',
    'a definition is read before and after (43c)',
    'kinds/measure-relations.ts',
    ['was.kind !== is.kind || was.installed !== is.installed', 'was.kind !== is.kind'],
    MEASURE,
  ),
  mutant(
    'no-token-is-proof',
    'without a token nothing is known of a shared warehouse (43c)',
    'kinds/measure-relations.ts',
    ["was.kind === 'view' || was.token !== undefined || !isShared", 'true'],
    MEASURE,
  ),
  mutant(
    'comparison-creates-views',
    'a comparison writes nothing (43a)',
    'warehouses/duckdb/compare-views.ts',
    ["await run('rollback')", "await run('commit')"],
    DUCKDB,
  ),
  mutant(
    'comparison-of-columns-only',
    'the definition counts (43a)',
    'warehouses/duckdb/compare-views.ts',
    ['was.installed === would.installed && ', ''],
    DUCKDB,
  ),
  mutant(
    'any-comment-is-cut',
    'a text that ends in another comment is another one (43a)',
    'warehouses/snowflake/compare-views.ts',
    ['if (last > 0 && isJson(text.slice(last + 2, -2)))', 'if (last > 0)'],
    SNOWFLAKE,
  ),
]
