import { CODE_VERSION_MUTANTS } from './code-versions.ts'
import { WORDS_MUTANTS } from './words.ts'

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
const ENGINE = [
  ...['versions', 'runs', 'checks'].map(semantics),
  'tests/unit/run.test.ts',
  HISTORIES,
]
const FAST_PATH = ['tests/property/unchanged.test.ts']
const RAW_TABLES = ['tests/unit/kind-airbyte/kind.test.ts', 'tests/unit/kind-airbyte/sync.test.ts']
const PLAN = ['tests/unit/plan-steps.test.ts']
const PLAN_AND_RUN = [...PLAN, HISTORIES]
const LATE = ['tests/unit/execute/define-later.test.ts', HISTORIES]
const FULL_BUILDS = ['tests/unit/staleness/full-builds.test.ts']
const LIMITS = ['tests/unit/execute/limits.test.ts']
const SELECTION = ['tests/unit/graph/selection.test.ts']
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
  mutant(
    'relation-known-late',
    'the relation of a table that is certain to be built is known before the build (4a)',
    'staleness/settle.ts',
    ["? { state: 'unsettled', relation }", '? UNSETTLED'],
  ),
  mutant(
    'inlined-code-ignored',
    'a view is created again when an ephemeral inlined in it has another statement (5)',
    'staleness/inlined.ts',
    ['return before !== statement', 'return false'],
  ),
  mutant(
    'inlined-relation-ignored',
    'the hash of an inlined statement covers the relations that it reads (4a, 5)',
    'staleness/inlined.ts',
    [
      "statements.get(input) ?? definitions.get(input)?.relation ?? ''",
      "statements.get(input) ?? ''",
    ],
  ),
  mutant(
    'inlined-statement-forgotten',
    'the statement of an ephemeral is recorded even if its version is unknown (5)',
    'execute/commit.ts',
    ['statement === null ? null : { relation: statement, columns: null }', 'null'],
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
    'forced-check-ignored',
    '--force runs a check that has a result (15)',
    'staleness/checks.ts',
    ['if (forced !== null)', 'if (forced !== null && result === null)'],
  ),
  mutant(
    'full-refresh-on-top',
    '--full-refresh builds an incremental asset in full (10, 15)',
    'staleness/full-refresh.ts',
    ["if (forced === 'full_refresh') return true", ''],
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
    [' ?? viewReason(definition, record, inputs)', ''],
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
      "return { state: 'stale', reasons: [{ reason: 'missing', message: 'it does not exist' }] }",
      'return FRESH',
    ],
  ),
  mutant(
    'moved-source-ignored',
    'a source that changed makes its raw table stale',
    'staleness/decide.ts',
    ["return { reason: 'source', message: probe.message }", 'return null'],
  ),
  mutant(
    'age-before-proof',
    'a source that proves itself unchanged does not expire',
    'staleness/decide.ts',
    [
      'switch (probe.answer) {',
      "switch (probe.answer === 'unchanged' ? 'not_asked' : probe.answer) {",
    ],
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
    'isSameRelation && found.token !== null && found.token === record.token',
    'isSameRelation',
  ]),
  mutant(
    'observations-not-recorded',
    'what was observed is recorded, so that offline agrees with online (9)',
    'staleness/record-observations.ts',
    ['if (seen !== null)', 'if (seen === undefined)'],
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
    'execute/warehouse-token.ts',
    [
      'everyRecordMatches(runState) ? await warehouse.changeToken() : null',
      'await warehouse.changeToken()',
    ],
  ),
  mutant(
    'remembered-unconfirmed',
    'the content of a view is remembered only if no input moved during the call (1c)',
    'execute/recorder.ts',
    [
      'else changes.push(unconfirmed.withInputs(inputs))',
      'else changes.push(unconfirmed.withInputs(inputs), ...unconfirmed.remember)',
    ],
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
    ['if (!isLostSnapshot(runState, i))', 'if (i >= 0)'],
  ),
  mutant(
    'adoption-rejuvenates',
    'adoption does not change the age of an asset',
    'execute/commit.ts',
    ['finishedAt: span.finishedAt,', '...span,'],
  ),

  // Units, scope and the plan.
  mutant(
    'unit-outside-the-run',
    'the rest of a unit joins the run of its stale member (11)',
    'staleness/units.ts',
    [' || joined.has(i)', ''],
  ),
  mutant('exclude-ignored', 'an excluded asset is not built', 'plan/scope.ts', [
    'if (left[i] === 1) asked[i] = 0',
    '',
  ]),
  mutant(
    'checks-not-in-scope',
    'every check that reads an asset of the run belongs to it (17)',
    'plan/scope.ts',
    ['if (graph.inputs(check).some((input) => asked[input] === 1)) asked[check] = 1', ''],
  ),
  mutant(
    'plan-always-full',
    'the plan says whether a build is full',
    'plan/steps.ts',
    ['full: isFullBuild(world, i, verdict),', 'full: true,'],
    PLAN,
  ),
  mutant(
    'plan-without-adoptions',
    'the plan says which assets are adopted',
    'plan/steps.ts',
    ["? 'adopt' : 'build'", "? 'build' : 'build'"],
    PLAN,
  ),
  mutant(
    'one-wave',
    'a pending step is in a later batch than what it is pending on',
    'plan/expected-batches.ts',
    ["verdict.state === 'pending' || ", ''],
    PLAN,
  ),
  mutant(
    'plan-of-another-scope',
    'the plan is of the scope that the run executes',
    'plan/plan.ts',
    [
      'planSteps(world, request, decisions)',
      'planSteps(world, requestOf(world, { ...scope, excluded: new Set() }, now), decisions)',
    ],
    PLAN_AND_RUN,
  ),
  mutant('run-beyond-the-plan', 'the run executes the plan and nothing else', 'execute/run.ts', [
    'new RunState(planned)',
    'new RunState({ ...planned, request: { ...planned.request, inRun: () => true } })',
  ]),
  mutant('plan-for-a-look', 'a run decides for a run, not for a look (18, 21)', 'plan/scope.ts', [
    'purpose: scope.purpose, inRun',
    "purpose: 'look', inRun",
  ]),
  mutant(
    'plan-without-possible-steps',
    'the plan names the steps that may turn out necessary',
    'plan/steps.ts',
    ['else steps.push(', "else if (verdict.state === 'stale') steps.push("],
    PLAN_AND_RUN,
  ),
  mutant(
    'plan-without-replaceable-views',
    'the plan names the fresh views that may be replaced (4)',
    'plan/steps.ts',
    ["if (replaceable[i] === 1 && world.definition(i)?.form === 'view')", 'if (name === null)'],
    PLAN_AND_RUN,
  ),
  mutant(
    'view-over-known-columns-replaceable',
    'a view over known columns is not named as one that may be replaced',
    'plan/steps.ts',
    [' && version.shape == null', ''],
    PLAN_AND_RUN,
  ),
  mutant(
    'plan-without-waiting-checks',
    'the plan names the checks that wait (17d)',
    'plan/steps.ts',
    ['waiting.push({ check: name, on: verdict.on })', ''],
    PLAN_AND_RUN,
  ),

  // Definitions that come during the run.
  mutant(
    'blocked-before-defined',
    'an asset without a definition is not blocked: it may turn out fresh, or an ephemeral',
    'execute/next-action.ts',
    ['if (!world.graph.isCheck(i) && world.definition(i) === null)', 'if (i < 0)'],
    LATE,
  ),
  mutant(
    'late-assets-not-observed',
    'assets that are defined during the run are observed before they are decided',
    'execute/define-later.ts',
    ["'online'", "'offline'"],
    LATE,
  ),
  mutant(
    'late-plan-of-another-time',
    'all decisions of a run are for the same time',
    'execute/define-later.ts',
    ['runState.request.now)', '0)'],
    LATE,
  ),
  mutant(
    'late-conflict-accepted',
    'two assets that write one relation are refused also if they are defined during the run (22)',
    'execute/define-later.ts',
    ['if (conflicts.length > 0)', 'if (conflicts.length < 0)'],
    LATE,
  ),
  mutant(
    'late-problem-accepted',
    'a problem of a definition that comes during the run stops what needs it',
    'execute/define-later.ts',
    ['if (more.problems.length > 0)', 'if (more.problems.length < 0)'],
    LATE,
  ),
  mutant(
    'late-definitions-for-nothing',
    'definitions are not waited for if no asset of the run needs them',
    'execute/define-later.ts',
    [' || !needsDefinition(runState)', ''],
    LATE,
  ),
  mutant(
    'late-check-without-its-input',
    'a check that is defined during the run may need the version of an asset outside the run',
    'execute/run-state.ts',
    ['if (this.isOpen(i) || !isDone)', 'if (this.isOpen(i))'],
    LATE,
  ),
  mutant(
    'late-begun-is-interrupted',
    'a step that this run has begun is not an interrupted step',
    'execute/define-later.ts',
    ['entry.run !== run', 'entry.run > 0'],
    LATE,
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
      "runState.finish(i, outcome, settled)\n    this.#options.onFinal(i)\n    await this.releaseParked()\n    await new Promise((done) => setImmediate(done))\n    if (!(await this.#write([{ change: 'commit', record }])))",
    ],
  ),
  mutant(
    'commit-before-inputs',
    'a step is committed after the inputs that the same call builds (1b)',
    'execute/recorder.ts',
    ['if (this.#options.runState.inputsFinal(i)) await commit()', 'if (i >= 0) await commit()'],
  ),
  mutant(
    'moved-input-not-amended',
    'a record of an input that moved meanwhile is amended to unknown (1, 16)',
    'execute/recorder.ts',
    ['if (isConfirmed) changes', 'if (i >= 0) changes'],
  ),
  mutant('no-second-look', 'inputs are observed again after a call (1, 16)', 'execute/loop.ts', [
    'await movedAmong(runState, inputsBelow(runState, indices), options)',
    '[]',
  ]),
  mutant(
    'adopted-too-early',
    'drift is adopted only after the inputs are settled (13)',
    'execute/queue.ts',
    ['drifted.filter((i) => mayStart(runState, i, NONE))', 'drifted'],
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
    'staleness/decide-all.ts',
    ["if (request.inRun(input) || known.verdicts[input]!.state === 'fresh') continue", 'continue'],
  ),
  mutant(
    'waiting-check-never-runs',
    'a check that waits runs if what it waits for turns out fresh (17d)',
    'execute/next-action.ts',
    [
      "return runState.inputsFinal(i) ? { next: 'finish', outcome: null } : { next: 'wait' }",
      "return { next: 'finish', outcome: null }",
    ],
  ),
  mutant(
    'waiting-gate-left-out',
    'a gate outside the run that waits passes if what it reads turns out fresh (7e, 17c)',
    'execute/run-state.ts',
    ["verdict.state === 'waiting' ? this.world.graph.inputs(i) : []", '[] as number[]'],
  ),
  mutant(
    'fresh-asset-unblocks',
    'a fresh asset below a failure blocks what is below it',
    'execute/next-action.ts',
    ['if (blocker === null) {', 'if (blocker === null || !isUnsettled) {'],
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
    ['inOrder.filter((i) => !isWaived(i))', 'inOrder'],
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
    'staleness/fast-path/unchanged.ts',
    ['if (this.#isAtRecordedVersion[input] === 0) return false', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-ignores-journal',
    'the fast path is for assets without journal entry, force or new observation',
    'staleness/fast-path/unchanged.ts',
    [' || this.#touched[i] === 1', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-ignores-code',
    'the fast path is for assets whose code is as recorded',
    'staleness/fast-path/unchanged.ts',
    [' || !now.equals(i, codes, row)', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-ignores-list',
    'the fast path is for assets that read the recorded list of inputs',
    'staleness/fast-path/unchanged.ts',
    ['if (this.#rows[input] !== before.targets[first + k]) return false', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-without-inputs',
    'the records of inputs are read for what the fast path does not answer',
    'staleness/fast-path/unchanged.ts',
    ['for (const input of graph.inputs(i)) doubtful.add(input)', ''],
    FAST_PATH,
  ),
  mutant(
    'cache-hides-policy-problems',
    'policies that do not fit are problems also if the definitions come from the cache',
    'staleness/fast-path/define-from-cache.ts',
    ['...allPolicyProblems(assets, (name) => definitions.get(name)),', ''],
    ['tests/golden/problems.test.ts'],
  ),

  // Raw tables that a sync left unchanged.
  mutant(
    'kept-although-changed-before',
    'zero records keep the version only if the table was as recorded before the sync (6)',
    'kinds/airbyte/keep-version.ts',
    [' && wasAsRecorded', ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-although-records-came',
    'records that arrived make the content be hashed (6)',
    'kinds/airbyte/keep-version.ts',
    ['records === 0 && ', ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-after-code-change',
    'other code of a raw table makes the content be hashed (6)',
    'kinds/airbyte/keep-version.ts',
    ["reason === 'code' || ", ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-after-interruption',
    'a table whose last sync was not committed is hashed (6)',
    'kinds/airbyte/keep-version.ts',
    [' || unfinished !== null', ''],
    RAW_TABLES,
  ),
  mutant(
    'kept-with-other-columns',
    'other columns make the content be hashed, also without a record',
    'kinds/airbyte/keep-version.ts',
    ['const isSame = columns === record.shape?.columns && ', 'const isSame = '],
    RAW_TABLES,
  ),
  mutant(
    'kept-full-refresh',
    'a full refresh rewrites the table, so zero records prove nothing',
    'kinds/airbyte/keep-version.ts',
    ["stream.sync === 'full_refresh' || ", ''],
    RAW_TABLES,
  ),

  // Selections.
  mutant(
    'sources-have-an-fqn',
    "dbt's fqn: leaves out sources",
    'graph/selection/dbt-methods.ts',
    [" || dbt.resourceType === 'source') return false", ') return false'],
    SELECTION,
  ),
  mutant(
    'plus-ends-a-value',
    'a + within a value belongs to it',
    'graph/selection/parse.ts',
    [
      "if (token.is === '+' && !this.#isInValue(method, text[0]!)) break",
      "if (token.is === '+') break",
    ],
    SELECTION,
  ),
  mutant(
    'path-as-it-is-typed',
    'path: takes models/./a.sql for models/a.sql',
    'graph/selection/methods.ts',
    ['const wanted = normalize(text)', 'const wanted = text'],
    SELECTION,
  ),
  mutant(
    'levels-from-what-is-read',
    'N+exposure:x counts its levels from the exposure',
    'graph/selection/evaluate.ts',
    ['const bits = walks ? found : selected', 'const bits = selected'],
    SELECTION,
  ),
  mutant(
    'selector-by-name-only',
    'selector: takes wildcards',
    'graph/selection/selector.ts',
    ['if (!isGlob(wanted) || ', 'if (wanted !== null || '],
    SELECTION,
  ),
  mutant(
    'this-is-a-name',
    'package:this is the project itself',
    'graph/selection/dbt-methods.ts',
    ["if (text === 'this')", "if (text === '')"],
    SELECTION,
  ),
  mutant(
    'no-leaf-for-wildcards',
    "a wildcard of fqn: matches a node's name in any folder",
    'graph/selection/fqn.ts',
    ['return wantedParts.length === 1 && rest(name)', 'return false'],
    SELECTION,
  ),
  mutant(
    'folder-selects-checks',
    'the folder of a model does not select its checks',
    'graph/selection/compare.ts',
    ['isSelected ? SELECTED : START', 'SELECTED'],
    SELECTION,
  ),
  mutant(
    'first-node-only',
    "an asset that is several of dbt's nodes is compared as each",
    'graph/selection/compare.ts',
    ['all.some(matches)', 'matches(all[0]!)'],
    SELECTION,
  ),
  mutant(
    'around-without-checks',
    '@x selects what the checks and the exposures below x read',
    'graph/selection/evaluate.ts',
    [
      'const below = this.#wider.descendants(seeds, Number.POSITIVE_INFINITY)',
      'const below = this.#withAssets(seeds, this.#wider.descendants(seeds, Number.POSITIVE_INFINITY))',
    ],
    SELECTION,
  ),
  mutant(
    'tag-without-its-value',
    'tag:k= is a typing error',
    'graph/selection/value-faults.ts',
    ['if (pair?.length === 0) {', 'if (pair?.length === -1) {'],
    SELECTION,
  ),
  mutant(
    'placeholder-as-a-value',
    'key:<x> is a typing error',
    'graph/selection/value-faults.ts',
    ["token.is === 'word' && /[<>]/.test(token.text)", "token.is === 'end'"],
    SELECTION,
  ),
  mutant(
    'pattern-without-dbt',
    "a pattern that no asset's name matches needs the facts of dbt",
    'graph/selection/needs.ts',
    ['i < graph.assetCount && matches(name)', 'i < graph.assetCount || matches(name)'],
    SELECTION,
  ),
  ...CODE_VERSION_MUTANTS,
  ...WORDS_MUTANTS,
]
