/** A deliberate error in one source file, and the tests that must fail because of it. */
export interface Mutant {
  readonly name: string
  /** The rule that it breaks, as a sentence that becomes false. Numbers are sections of SEMANTICS.md. */
  readonly rule: string
  readonly file: string
  /** Each `find` must occur exactly once in the file. Keep it short and on one line. */
  readonly edits: readonly { readonly find: string; readonly replace: string }[]
  /** Test files, below the repository. */
  readonly tests: readonly string[]
}

export const HISTORIES = 'tests/property/histories.test.ts'

const semantics = (part: string) => `tests/property/semantics-of-${part}.test.ts`

/** The tests of what is decided and run: named cases first, then random histories. */
const ENGINE = [semantics('versions'), semantics('runs'), semantics('checks'), HISTORIES]
const QUIET = ['tests/property/quiet.test.ts']
const RAW_TABLES = ['tests/unit/kind-airbyte/kind.test.ts', 'tests/unit/kind-airbyte/sync.test.ts']
const PLAN = ['tests/unit/plan-steps.test.ts']
const FULL_BUILDS = ['tests/unit/staleness/full-builds.test.ts']
const LIMITS = ['tests/unit/execute/limits.test.ts']
const SCHEDULE = ['tests/unit/execute/schedule.test.ts']

/** A mutant of one edit. */
const mutant = (
  name: string,
  rule: string,
  file: string,
  [find, replace]: readonly [find: string, replace: string],
  tests: readonly string[] = ENGINE,
): Mutant => ({ name, rule, file: `framework/${file}`, edits: [{ find, replace }], tests })

export const MUTANTS: readonly Mutant[] = [
  // Versions.
  mutant(
    'view-at-its-record',
    'the version of a view follows what it reads, not its record (3, 7)',
    'staleness/settle.ts',
    ["if (definition.form !== 'view') {", "if (definition.form !== 'ephemeral') {"],
  ),
  mutant('stale-view-has-a-key', 'a view that is not fresh has no key', 'staleness/settle.ts', [
    'return laterOrUnknown(inputs)',
    'return keyed(definition.codeVersion, inputs)',
  ]),
  mutant(
    'stale-view-at-its-record',
    'a stale view outside the run does not count at its record (7)',
    'staleness/settle.ts',
    [
      "if (definition.form === 'view' || isUnseen)",
      "if (record?.dataVersion && definition.form === 'view') return { state: 'settled', version: record.dataVersion, shape: record.shape }\n  if (isUnseen)",
    ],
  ),
  mutant(
    'always-new-stays',
    'always_new is a new version in each run (21)',
    'staleness/settle.ts',
    ["return how.inRun && how.purpose !== 'look'", 'return false'],
  ),
  mutant(
    'absent-input-has-a-key',
    'a virtual asset over an absent input is absent (3)',
    'staleness/settle.ts',
    ["if (settled.state === 'absent') return ABSENT", ''],
  ),
  mutant(
    'key-instead-of-content',
    'content mode hashes the content; a key does not stand for what a source delivers',
    'model/version-mode.ts',
    ["case 'content':", "case 'content':\n      if (key.state === 'settled') return key.version"],
  ),
  mutant(
    'all-tokens-are-equal',
    'another change token is another version (9)',
    'model/version.ts',
    ['hash(relation, token)', 'hash(relation)'],
  ),

  // Reasons.
  mutant(
    'changed-input-ignored',
    'an input that changed is a reason (2, 3, 5)',
    'staleness/reasons.ts',
    ['} else if (from !== settled.version) {', '} else if (from === settled.name) {'],
  ),
  mutant(
    'unknown-equals-unknown',
    'unknown equals nothing, not even unknown (1)',
    'staleness/reasons.ts',
    [
      "if (settled.state === 'unknown') {",
      "if (settled.state === 'unknown' && from === null) continue\n    if (settled.state === 'unknown') {",
    ],
  ),
  mutant('changed-code-ignored', 'other code is a reason (2, 3)', 'staleness/reasons.ts', [
    'if (recorded.codeVersion === current.codeVersion) return null',
    'return null',
  ]),
  mutant(
    'begun-step-trusted',
    'a step that was begun and not committed is stale',
    'staleness/reasons.ts',
    ["case 'begun':", "case 'begun':\n      return null"],
  ),
  mutant(
    'force-forgotten',
    '--force builds an asset that has a record (15)',
    'staleness/decide.ts',
    ['if (forced !== null)', 'if (forced !== null && record === null)'],
  ),
  mutant(
    'pending-is-stale',
    'what may turn out fresh is pending, not stale (3)',
    'staleness/decide.ts',
    [
      "{ state: 'pending', on: on.map((input) => input.name) }",
      "{ state: 'stale', reasons: [{ reason: 'unknown', message: 'mutant' }] }",
    ],
  ),
  mutant(
    'view-not-rewritten',
    'a view over another relation or other columns is created again (4)',
    'staleness/decide.ts',
    [' ?? writtenAgainst(definition, record, inputs)', ''],
  ),
  mutant(
    'unit-members-left-fresh',
    'members of a unit are built with its stale member (11)',
    'staleness/decide.ts',
    ['if (shared !== null && needsNoCall) {', 'if (shared === asset.name && needsNoCall) {'],
  ),
  mutant(
    'missing-external-is-fresh',
    'an external that does not exist is missing',
    'staleness/decide.ts',
    [
      "return { state: 'stale', reasons: [{ reason: 'missing', message: 'not there' }] }",
      'return FRESH',
    ],
  ),
  mutant(
    'moved-source-ignored',
    'a source that changed makes its raw table stale',
    'staleness/decide.ts',
    ["if (probe.answer === 'moved')", "if (probe.answer === 'not_asked')"],
  ),
  mutant(
    'age-before-proof',
    'a source that proves itself unchanged does not expire',
    'staleness/decide.ts',
    ["if (probe.answer === 'unchanged') return null", ''],
    FULL_BUILDS,
  ),
  mutant(
    'age-expires-late',
    'an age expires a little early, so that a nightly job does not skip a night',
    'staleness/freshness.ts',
    ['const EARLY = 0.95', 'const EARLY = 1'],
    ['tests/unit/staleness/freshness.test.ts', ...ENGINE],
  ),

  // Drift and observations.
  mutant(
    'missing-table-ignored',
    'a table that does not exist is missing (9, 10)',
    'staleness/drift.ts',
    ["case 'absent':", "case 'absent':\n      return null"],
  ),
  mutant('moved-token-ignored', 'a change token that moved is drift', 'staleness/drift.ts', [
    'isSamePlace && found.token !== null && found.token === record.token',
    'isSamePlace',
  ]),
  mutant(
    'observations-not-recorded',
    'what was observed is recorded, so that offline agrees with online (9)',
    'staleness/record-observations.ts',
    ['if (noted !== null)', 'if (noted === undefined)'],
  ),
  mutant(
    'adopts-any-reason',
    'an asset that is stale for another reason than drift is built, not adopted (13)',
    'staleness/full-refresh.ts',
    [
      "reasons.every((reason) => reason.reason === 'drifted')",
      "reasons.some((reason) => reason.reason === 'drifted')",
    ],
  ),
  mutant(
    'proof-always-kept',
    'the change token of the warehouse is kept only if every record matches',
    'execute/run.ts',
    ['matches ? await warehouse.changeToken() : null', 'await warehouse.changeToken()'],
  ),

  // Full and incremental builds (10).
  {
    name: 'increment-on-drift',
    rule: 'an incremental build does not go on top of an edit by hand (10)',
    file: 'framework/staleness/full-refresh.ts',
    // Either condition alone is enough, so both are broken.
    edits: [
      { find: 'return !isAsRecorded || ', replace: 'return ' },
      { find: "case 'drifted':", replace: "case 'mutant' as 'drifted':" },
    ],
    tests: ENGINE,
  },
  mutant(
    'increment-on-unknown',
    'an incremental build does not go on top of content that cannot be read (10)',
    'staleness/full-refresh.ts',
    ['return !isAsRecorded || ', 'return '],
    FULL_BUILDS,
  ),
  mutant(
    'cut-off-build-continued',
    'a first build that was cut off is not continued under other code (10)',
    'staleness/full-refresh.ts',
    ['return full && facts', 'return !full && facts'],
  ),
  mutant(
    'on-code-ignored',
    'on_code: full_refresh rebuilds an incremental asset whose code changed (10)',
    'staleness/full-refresh.ts',
    ["return asset.policy.onCode === 'full_refresh'", 'return false'],
  ),
  mutant(
    'lost-snapshot-rebuilt',
    'a snapshot that is gone is a problem, not a build (10)',
    'execute/next-action.ts',
    ['if (!isLostSnapshot(runState, index))', 'if (index >= 0)'],
  ),
  mutant(
    'adoption-rejuvenates',
    'adoption does not change the age of an asset',
    'execute/commit.ts',
    ['finishedAt: span.finishedAt,', '...span,'],
  ),

  // Units and scope.
  mutant(
    'unit-outside-the-run',
    'the rest of a unit joins the run of its stale member (11)',
    'staleness/fold.ts',
    [' || joined.has(index)', ''],
  ),
  mutant('exclude-ignored', 'an excluded asset is not built', 'plan/scope.ts', [
    'if (excluded[index] === 1) inRun[index] = 0',
    '',
  ]),
  mutant(
    'checks-not-in-scope',
    'every check that reads an asset of the run belongs to it (17)',
    'plan/scope.ts',
    ['if (graph.inputs(check).some((input) => inRun[input] === 1)) inRun[check] = 1', ''],
  ),
  mutant(
    'plan-always-full',
    'the plan says whether a build is full',
    'plan/plan.ts',
    ['full: isFullBuild(world, index, verdict),', 'full: true,'],
    PLAN,
  ),
  mutant(
    'plan-without-adoptions',
    'the plan says which assets are adopted',
    'plan/plan.ts',
    ["? 'adopt' : 'build'", "? 'build' : 'build'"],
    PLAN,
  ),
  mutant(
    'one-wave',
    'a pending step is in a later batch than what it is pending on',
    'plan/plan.ts',
    ["verdict.state === 'pending' || ", ''],
    PLAN,
  ),

  // Journal and commit.
  mutant(
    'no-begin',
    'the journal says begin before anything outside is touched (10)',
    'execute/recorder.ts',
    [', begin] : [begin],', '] : [],'],
  ),
  mutant(
    'released-before-commit',
    'dependents are released after the commit (7)',
    'execute/recorder.ts',
    [
      "if (!(await this.#write([{ change: 'commit', record }])))",
      "runState.finish(index, commit.outcome, commit.settled)\n    this.#with.onFinal(index)\n    await this.release()\n    await new Promise((done) => setImmediate(done))\n    if (!(await this.#write([{ change: 'commit', record }])))",
    ],
  ),
  mutant(
    'moved-input-not-amended',
    'a record of an input that moved meanwhile is amended to unknown (1, 16)',
    'execute/recorder.ts',
    ['isSure ? written.remember : written.amended(inputs)', 'written.remember'],
  ),
  mutant('no-second-look', 'inputs are observed again after a call (1, 16)', 'execute/loop.ts', [
    'await movedAmong(runState, standsOn(runState, indices), looking)',
    '[]',
  ]),
  mutant(
    'adopted-too-early',
    'drift is adopted only after the inputs are settled (13)',
    'execute/queue.ts',
    ['drifted.filter((index) => mayStart(runState, index, NONE))', 'drifted'],
  ),

  // Failures and checks.
  mutant('failure-stops-nothing', 'a failed asset blocks what reads it', 'execute/run-state.ts', [
    "case 'failed':",
    "case 'failed':\n      return null",
  ]),
  mutant(
    'failed-check-passes',
    'a failed gate blocks what is below it (17)',
    'execute/next-action.ts',
    ["return state === 'checked' || ", "return state === 'failed' || state === 'checked' || "],
  ),
  mutant(
    'check-on-stale-input',
    'a check waits while it reads something stale outside the run (17)',
    'staleness/fold.ts',
    ["if (request.inRun(input) || known.verdicts[input]!.state === 'fresh') continue", 'continue'],
  ),
  mutant('failed-check-is-fresh', 'a check that failed runs again', 'staleness/checks.ts', [
    "if (result.outcome === 'fail') {",
    "if (result.outcome === 'pass' && result.run < 0) {",
  ]),
  mutant(
    'unit-test-follows-data',
    'a check of code only does not run for other data',
    'staleness/checks.ts',
    ['if (!check.codeOnly) {', 'if (check.name) {'],
    ['tests/unit/staleness/checks-of-code.test.ts'],
  ),
  mutant(
    'waived-check-blocks',
    'a waived check blocks nothing',
    'staleness/check-waivers.ts',
    ["severity: waivedBy === undefined ? severity : 'warn'", 'severity'],
    [...LIMITS, ...ENGINE],
  ),
  mutant(
    'waived-check-in-the-same-call',
    'a waived check runs in a separate call, so that dbt does not skip what is below it',
    'execute/queue.ts',
    ['inOrder.filter((index) => !isWaived(index))', 'inOrder'],
    [...LIMITS, ...ENGINE],
  ),
  mutant(
    'one-retry-too-few',
    'a step is tried as often again as retries says',
    'execute/backoff.ts',
    ['if (count > policy.retries) return null', 'if (count >= policy.retries) return null'],
    ['tests/unit/execute/retry.test.ts', ...LIMITS],
  ),
  mutant(
    'pools-ignored',
    'a pool limits how many steps run at once',
    'execute/pools.ts',
    ['(pool === null ? undefined : this.#free.get(pool)) ?? ', ''],
    SCHEDULE,
  ),

  // The fast path for unchanged assets.
  mutant(
    'fast-path-ignores-inputs',
    'the fast path is for assets whose inputs are as recorded',
    'staleness/unchanged-fast-path.ts',
    ['if (this.#asRecorded[input] === 0) return false', ''],
    QUIET,
  ),
  mutant(
    'fast-path-ignores-journal',
    'the fast path is for assets without journal entry, force or new observation',
    'staleness/unchanged-fast-path.ts',
    [' || this.#disturbed[index] === 1', ''],
    QUIET,
  ),
  mutant(
    'fast-path-ignores-code',
    'the fast path is for assets whose code is as recorded',
    'staleness/unchanged-fast-path.ts',
    [' || !this.#isSameCode(index, row)', ''],
    QUIET,
  ),

  // Raw tables that a sync left unchanged.
  mutant(
    'kept-although-changed-before',
    'zero records keep the version only if the table was as recorded before the sync (6)',
    'kinds/airbyte/keep.ts',
    [' && wasAsRecorded', ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-although-records-came',
    'records that arrived make the content be hashed (6)',
    'kinds/airbyte/keep.ts',
    ['records === 0 && ', ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-after-code-change',
    'other code of a raw table makes the content be hashed (6)',
    'kinds/airbyte/keep.ts',
    ["reason === 'code' || ", ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-after-interruption',
    'a table whose last sync was not committed is hashed (6)',
    'kinds/airbyte/keep.ts',
    [' || unfinished !== null', ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-with-other-columns',
    'other columns make the content be hashed, also without a record',
    'kinds/airbyte/keep.ts',
    ['const isSame = columns === record.shape?.columns && ', 'const isSame = '],
    RAW_TABLES,
  ),
  mutant(
    'kept-full-refresh',
    'a full refresh rewrites the table, so zero records prove nothing',
    'kinds/airbyte/keep.ts',
    ["stream.sync === 'full_refresh' || ", ''],
    RAW_TABLES,
  ),
]
