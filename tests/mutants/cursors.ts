import { type Mutant, oneEdit } from './mutant.ts'

const POSITION = ['tests/unit/postgres/cursor-position.test.ts']
const PLAN = ['tests/unit/postgres/stream-plan.test.ts']
const RUNS = ['tests/property/semantics-of-runs.test.ts']

/** A mutant of one edit below the loader. */
const mutant = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [find: string, replace: string],
  tests: readonly string[] = POSITION,
): Mutant => oneEdit(name, rule, `connections/postgres/${file}`, edit, tests)

/** What a cursor of the loader can and can't tell (SEMANTICS 38). */
export const CURSOR_MUTANTS: readonly Mutant[] = [
  mutant(
    'ties-are-skipped',
    'a history gets new rows at its cursor (38a)',
    'load/stream-plan.ts',
    ["unloaded === 'none' || versions === null", 'versions === null || unloaded !== null'],
    PLAN,
  ),
  mutant(
    'later-versions-are-new',
    'a version that the snapshot showed is not loaded again (38a)',
    'probe/cursor-rows.ts',
    ['return later.length === 0', 'return later.length >= 0'],
  ),
  mutant(
    'ties-are-guessed',
    "rows at a cursor that can't be told apart are a load in full (38a)",
    'probe/cursor-position.ts',
    [
      "return isSame(recorded.at, since.at) ? { is: 'newer', unloaded: 'none' } : inFull('ties')",
      "return { is: 'newer', unloaded: 'none' }",
    ],
  ),
  mutant('infinity-is-the-last', 'infinity is no largest value (38b)', 'source/cursor-type.ts', [
    ': `isfinite(',
    ': `num_nonnulls(',
  ]),
  mutant(
    'apart-is-ignored',
    'a change of a row apart is a load in full (38b)',
    'probe/cursor-position.ts',
    ["if (!isSame(recorded.apart, now.apart)) return inFull('apart')", ''],
  ),
  mutant('fewer-is-continued', 'fewer rows are a load in full (38c)', 'probe/cursor-position.ts', [
    "if (rowCount(now) < recordedRowCount(recorded)) return inFull('fewer')",
    '',
  ]),
  mutant(
    'attached-is-continued',
    'an attached table with rows up to the cursor is a load in full (38c)',
    'probe/cursor-position.ts',
    ["if (since.attached > 0) return inFull('attached')", ''],
  ),
  mutant(
    'attached-is-left',
    'rows of an attached table are not left from the load (38c)',
    'probe/cursor-rows.ts',
    [
      'left: Number(row.rows) - Number(row.attached) - found.all',
      'left: Number(row.rows) - found.all',
    ],
    ['tests/contract/postgres-cursors.test.ts'],
  ),
  mutant(
    'detached-is-continued',
    'a table that lost a partition is read in full (38c)',
    'probe/position.ts',
    [
      'return attached.length === heaps.others.length - known.size ? attached : null',
      'return attached',
    ],
    PLAN,
  ),
  mutant(
    'lower-is-continued',
    'a lower largest value is a load in full (38c)',
    'probe/cursor-position.ts',
    ["if (since.from.count === '0') return inFull('lower')", ''],
  ),
  mutant(
    'refilled-is-continued',
    'a table without a loaded row version is a load in full (38c)',
    'probe/cursor-position.ts',
    ["if (versions?.left === 0 && (merges || isNewBelow)) return inFull('refilled')", ''],
  ),
  mutant(
    'a-history-ends',
    'a history whose rows are all new and above the cursor is continued (38c)',
    'probe/cursor-position.ts',
    ['&& (merges || isNewBelow)', ''],
  ),
  mutant(
    'late-is-lost',
    'rows that were added below the cursor are loaded (38c)',
    'probe/cursor-position.ts',
    ['if (added > 0 || (merges && isNewBelow)) {', 'if (merges && isNewBelow) {'],
  ),
  mutant(
    'older-row-wins',
    'a row below the cursor is not merged over a newer one of its key (38c)',
    'probe/cursor-position.ts',
    ['merges ? isComparable && isKeyUnique', 'merges ? isComparable'],
  ),
  mutant(
    'another-copy-is-continued',
    'another copy of the database is a load in full (38c)',
    'load/stream-plan.ts',
    ["if (!isSameServer(recorded.server, server)) return 'other-copy'", ''],
    PLAN,
  ),
  mutant(
    'cursor-is-a-proof',
    'what a cursor tells is no proof (38d)',
    'probe/probe-rules.ts',
    ['return cursor === null ? UNCHANGED', 'return true ? UNCHANGED'],
    PLAN,
  ),
  oneEdit(
    'cursor-outweighs-age',
    'what a cursor tells does not outweigh an age (12d, 38d)',
    'staleness/decide.ts',
    [' && observation.probe.asFarAs === undefined', ''],
    RUNS,
  ),
]
