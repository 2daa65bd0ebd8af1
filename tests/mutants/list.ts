import { ADOPTION_MUTANTS } from './adoption.ts'
import { AGAINST_MUTANTS } from './against.ts'
import { ARRIVAL_MUTANTS } from './arrivals.ts'
import { BOUNDS_MUTANTS } from './bounds.ts'
import { CHECK_MUTANTS } from './check.ts'
import { CODE_VERSION_MUTANTS } from './code-versions.ts'
import { COMMAND_LINE_MUTANTS } from './command-line.ts'
import { CURSOR_MUTANTS } from './cursors.ts'
import { DATABASE_MUTANTS } from './databases.ts'
import { FOUND_MUTANTS } from './found.ts'
import { HYPER_MUTANTS } from './hyper.ts'
import { LAST_ANSWER_MUTANTS } from './last-answer.ts'
import { type Mutant, oneEdit } from './mutant.ts'
import { NEW_USER_MUTANTS } from './new-user.ts'
import { PATH_MUTANTS } from './paths.ts'
import { POSTGRES_MUTANTS } from './postgres.ts'
import { PROCESS_MUTANTS } from './processes.ts'
import { SECRET_MUTANTS } from './secrets.ts'
import { SESSION_MUTANTS } from './sessions.ts'
import { SOURCE_VALUES_MUTANTS } from './source-values.ts'
import { STATE_MUTANTS } from './state.ts'
import { SUPPLY_MUTANTS } from './supply.ts'
import { WORDS_MUTANTS } from './words.ts'

export const HISTORIES = 'tests/property/histories.test.ts'

const semantics = (part: string) => `tests/property/semantics-of-${part}.test.ts`

/** The tests of what is decided and run: named cases first, then random histories. */
const ENGINE = [
  ...['versions', 'runs', 'checks'].map(semantics),
  'tests/unit/run.test.ts',
  HISTORIES,
]
const MOVES = [semantics('moves'), HISTORIES]
const SIDE_WRITES = [semantics('side-writes')]
const FAST_PATH = ['tests/property/unchanged.test.ts']
const RAW_TABLES = ['tests/unit/kind-airbyte/kind.test.ts', 'tests/unit/kind-airbyte/sync.test.ts']
const WHY = ['tests/unit/staleness/explain.test.ts', 'tests/property/why.test.ts']
const CLOCK = ['tests/unit/staleness/clock-policy.test.ts']
const PLAN = ['tests/unit/plan-steps.test.ts']
const PLAN_AND_RUN = [...PLAN, HISTORIES]
const LATE = ['tests/unit/execute/define-later.test.ts', HISTORIES]
const FULL_BUILDS = ['tests/unit/staleness/full-builds.test.ts']
const VERIFY = ['tests/unit/verify.test.ts']
const FILES = ['tests/unit/kinds/shown-files.test.ts']
const CATALOG = ['tests/unit/kind-dbt/catalog-functions.test.ts']
const PROFILE = ['tests/unit/kind-dbt/profile.test.ts']
const DBT_ASSETS = ['tests/unit/kind-dbt/define.test.ts']
const LIMITS = ['tests/unit/execute/limits.test.ts']
const SELECTION = ['tests/unit/graph/selection.test.ts']
const SCHEDULE = ['tests/unit/execute/schedule.test.ts']

/** A mutant of one edit. */
const mutant = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [find: string, replace: string],
  tests: readonly string[] = ENGINE,
): Mutant => oneEdit(name, rule, file, edit, tests)

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
      "statements.get(input)?.hash ?? definitions.get(input)?.relation ?? ''",
      "statements.get(input)?.hash ?? ''",
    ],
  ),
  mutant(
    'inlined-statement-forgotten',
    'the statement of an ephemeral is recorded even if its version is unknown (5)',
    'execute/commit.ts',
    ['statement === null ? null : { relation: statement, columns: null }', 'null'],
  ),

  // The clock in code.
  mutant(
    'clock-policy-ignored',
    'an asset that says what the passing time means is not warned of (18b)',
    'staleness/clock-policy.ts',
    ['if (policy.freshness !== null ||', 'if ('],
    CLOCK,
  ),
  mutant(
    'clock-of-ephemeral-lost',
    'an ephemeral that names the clock is named by its readers (18b)',
    'staleness/clock-policy.ts',
    [
      "if (definition.form === 'ephemeral') inlined.set(asset.name, names)",
      "if (definition.form === 'ephemeral') continue",
    ],
    CLOCK,
  ),
  mutant(
    'clock-table-always-new',
    'no run builds a table because its versions are always new (18b)',
    'staleness/clock-policy.ts',
    [
      "return form === 'view' && dataVersion === 'always_new'",
      "return dataVersion === 'always_new'",
    ],
    CLOCK,
  ),

  // Times in the future.
  mutant(
    'future-load-is-fresh',
    'the age of a load from the future is not known (26a)',
    'staleness/freshness.ts',
    ['if (startedAt > now) return', 'if (startedAt > now && now < 0) return'],
    ['tests/unit/staleness/freshness.test.ts', ...ENGINE],
  ),
  mutant(
    'future-job-serves',
    'the start of a job in the future proves nothing (26b)',
    'connections/airbyte/choose-job.ts',
    ['...starts.filter((at) => at <= now)', '...starts'],
    ['tests/contract/airbyte-jobs.test.ts'],
  ),
  mutant(
    'observation-looks-older',
    'the time of a stored observation is not compared with that of the record (26c)',
    'staleness/drift.ts',
    [
      'if (!last.present) return gone(record)',
      'if (last.at < record.finishedAt) return null\n  if (!last.present) return gone(record)',
    ],
  ),
  mutant(
    'future-record-hides-drift',
    'a record from the future keeps no observation out (26c)',
    'state/changes.ts',
    [' && record.finishedAt <= now', ''],
    ['tests/contract/state-sqlite.test.ts'],
  ),
  mutant(
    'future-observation-stays',
    'an observation from the future is replaced (26c)',
    'state/changes.ts',
    ['or observed.at > ?', 'or observed.at > ? + 1e15'],
    ['tests/contract/state-sqlite.test.ts'],
  ),
  mutant(
    'new-by-the-clock',
    'an always_new version is later than every earlier one, whatever the clock says (26d)',
    'model/version.ts',
    ['since = Math.max(since, numberOf(version) + 1)', 'since = Math.max(since, 0)'],
    ['tests/unit/model/version.test.ts', ...ENGINE],
  ),
  mutant(
    'future-file-remembered',
    'a file that changed in the future is read (26e)',
    'lib/file-hashes.ts',
    ['isStable && before?.[0] === seen', 'before?.[0] === seen'],
    ['tests/unit/lib/file-hashes.test.ts'],
  ),
  mutant(
    'future-output-untouched',
    'the token of a file that changed in the future proves nothing (26e)',
    'kinds/observe-files.ts',
    [' && stat.changedAt <= Date.now() + CLOCK_LEAD_MS', ''],
    ['tests/unit/kinds/observe-files.test.ts'],
  ),

  // Causes.
  mutant(
    'why-follows-all-inputs',
    'below a view, only what changed is a cause (24e)',
    'staleness/moved-below.ts',
    [
      'inputs.filter((one) => seen.has(one) && hasMoved(one))',
      'inputs.filter((one) => seen.has(one))',
    ],
    WHY,
  ),
  mutant(
    'why-compares-records',
    'a version below a view is compared with the one that the reader recorded (24e)',
    'staleness/moved-below.ts',
    [
      'now.version !== seen.get(name)',
      'now.version !== world.state.records.get(name)?.dataVersion',
    ],
    WHY,
  ),
  mutant(
    'why-stops-at-first-view',
    'a change is followed through any number of views (24e)',
    'staleness/moved-below.ts',
    [
      'moved.set(name, { below, seen, own: ownChange(i, inputs) })\n    open.push(...below)',
      'moved.set(name, { below, seen, own: ownChange(i, inputs) })',
    ],
    WHY,
  ),
  mutant(
    'why-blames-a-creation',
    'the creation of a view explains nothing that its reader has seen (24e)',
    'staleness/moved-below.ts',
    ['if (record !== null && record.run <= run) return null', ''],
    WHY,
  ),
  mutant(
    'why-overlooks-an-ephemeral',
    'an ephemeral with other code is a cause (24e)',
    'staleness/moved-below.ts',
    ['if (showsSame(asset.name, codeVersion, inputs)) return null', 'return null'],
    WHY,
  ),
  mutant(
    'history-without-causes',
    'the history of a run keeps what had changed below the views (24e)',
    'staleness/moved-below.ts',
    ['{ ...reason, moved:', '{ ...reason, none:'],
    WHY,
  ),

  // Moves.
  mutant(
    'moved-is-fresh',
    'an asset that belongs at another relation than its record says is missing (27a)',
    'staleness/decide.ts',
    ['movedReason(record, definition) ??', ''],
    MOVES,
  ),
  mutant(
    'token-proves-another-relation',
    'the token of the warehouse proves nothing of a relation that is not the recorded one (27a)',
    'kinds/observe-relations.ts',
    ['(isOfPlace(request) && isSure(request))', 'isSure(request)'],
    ['tests/unit/kinds/observe-relations.test.ts'],
  ),
  mutant(
    'proof-settles-another-relation',
    'outside the run a proof about the old relation settles nothing (27a)',
    'staleness/settle.ts',
    ['if (record !== null && moveOf(record, definition) !== null) return UNKNOWN', ''],
    ['tests/unit/staleness/moved.test.ts'],
  ),
  mutant(
    'fast-path-ignores-relations',
    'the fast path compares relations (27a)',
    'model/tables/code-version-table.ts',
    ['relation === null ? codeVersion : hash(codeVersion, relation.toLowerCase())', 'codeVersion'],
    FAST_PATH,
  ),
  mutant(
    'pinned-code-covers-files',
    'a pinned code version covers no files, so the fast path leaves it out (27a)',
    'staleness/define.ts',
    [' && codeVersion === null\n}', '\n}'],
    FAST_PATH,
  ),
  mutant(
    'record-without-files',
    'a record names the files that its asset wrote (27a)',
    'execute/commit.ts',
    ['return relation === null ? { outputs } : { accumulates }', 'return { accumulates }'],
    ['tests/e2e/moved-files.test.ts'],
  ),
  mutant(
    'seen-at-another-relation',
    'what is at another relation is no observation of the asset (27a)',
    'staleness/record-observations.ts',
    [
      'if (record === null || moveOf(record, definition!) !== null) return null',
      'if (record === null) return null',
    ],
    MOVES,
  ),
  mutant(
    'token-kept-after-a-move',
    'the token of the warehouse is not kept while a record is of another relation (27a, 14f)',
    'execute/warehouse-token.ts',
    ['if (definition !== null && moveOf(record, definition) !== null) return false', ''],
    MOVES,
  ),
  mutant(
    'external-seen-elsewhere',
    'an external at another path or relation was not observed (27b)',
    'staleness/world.ts',
    [
      'return isObservedHere(last, definition) === false',
      'return isObservedHere(last, definition) === null',
    ],
    MOVES,
  ),
  mutant(
    'own-table-continued',
    'an incremental asset does not continue a table of this project at a new relation (27c)',
    'staleness/full-refresh.ts',
    [' || isOfThisProject(world, i)', ''],
    MOVES,
  ),
  mutant(
    'moved-stream-continued',
    'a raw stream at a new relation is loaded in full (27c)',
    'staleness/full-refresh.ts',
    ['definition.readsSource === true || ', ''],
    MOVES,
  ),
  mutant(
    'killed-move-continued',
    'a first build at a new relation that was killed is repeated in full (27c)',
    'staleness/full-refresh.ts',
    [
      'return record === null || (definition !== null && moveOf(record, definition) !== null)',
      'return record === null',
    ],
    MOVES,
  ),
  mutant(
    'moved-snapshot-begins-again',
    'a snapshot that moved begins no history by itself (27d)',
    'execute/next-action.ts',
    ["return found !== 'present' || isOfOther(world, i)", 'return false'],
    MOVES,
  ),
  mutant(
    'move-leaves-nothing',
    'what a moved asset leaves is recorded with its commit (27e)',
    'execute/recorder.ts',
    [
      "[...moved, ...begun, { change: 'commit', record }]",
      "[...begun, { change: 'commit', record }]",
    ],
    MOVES,
  ),
  mutant(
    'prune-unasked',
    'nothing is dropped without --prune (27f)',
    'execute/prune.ts',
    ['if (prune && fates', 'if (fates'],
    MOVES,
  ),
  mutant(
    'prune-of-changed-tables',
    'a table that is not as recorded is not dropped (27f)',
    'plan/leftovers.ts',
    ['if (!found.isAsRecorded || ', 'if ('],
    MOVES,
  ),
  mutant(
    'prune-of-history',
    'what an asset built on its own content is not dropped (27f)',
    'plan/leftovers.ts',
    ["if (accumulates !== 'no') {", "if (accumulates === 'snapshot') {"],
    MOVES,
  ),
  mutant(
    'prune-below-views',
    'a table that a view reads is not dropped (27f)',
    'plan/leftovers.ts',
    ['if (readerThatStays(readers) !== undefined) dropped', 'if (readers.length < 0) dropped'],
    MOVES,
  ),
  mutant(
    'prune-of-externals',
    'a table that an external names is not dropped (27f)',
    'plan/leftovers.ts',
    [
      'const definition = this.#defined.get(key)',
      "const definition = this.#defined.get(key)?.form === 'external' ? undefined : this.#defined.get(key)",
    ],
    MOVES,
  ),
  mutant(
    'prune-of-renamed-assets',
    'a table that the record of another asset names is not dropped (27f)',
    'plan/leftovers.ts',
    ['return other === undefined ? null', 'return other !== undefined ? null'],
    MOVES,
  ),
  mutant(
    'cte-reads-itself',
    'in the body of a WITH, its name is a table (27f)',
    'warehouses/view-sources.ts',
    ['cte.from < at && ', ''],
    ['tests/unit/warehouses/view-sources.test.ts'],
  ),
  mutant(
    'hidden-view-reads-nothing',
    'a view whose text is not shown may read anything (27f)',
    'warehouses/view-sources.ts',
    ['(text === null || mayRead(text, source))', '(text !== null && mayRead(text, source))'],
    ['tests/unit/warehouses/view-sources.test.ts'],
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
      'const expired = isProvedUnmoved(facts.observation) ? null :',
      'const expired = facts === null ? null :',
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
    ['if (seen === null) return []', 'if (seen !== undefined) return []'],
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
    'proof-of-all',
    'the change token of the warehouse proves nothing of what was not in the project (14f)',
    'staleness/warehouse-proof.ts',
    ['except.has(asset) ? null : token', 'except.size < 0 ? null : token'],
  ),
  mutant(
    'doubted-view-forgotten',
    'what a view shows is remembered after a call that may have written anything (28b)',
    'execute/recorder.ts',
    ['if (areAsRead) changes', 'if (isSo) changes'],
    SIDE_WRITES,
  ),

  // Files of models, and functions (30, 31).
  mutant(
    'warehouse-token-covers-files',
    'the change token of the warehouse proves nothing of files (30)',
    'kinds/observe-relations.ts',
    [
      'const areFilesProved = files === null || holdsRecorded(request, files.token)',
      'const areFilesProved = true',
    ],
    FILES,
  ),
  mutant(
    'deleted-file-unseen',
    'a view without its files is gone (30)',
    'kinds/observe-relations.ts',
    [
      "if (files !== null && files.state !== 'exist') {",
      "if (files !== null && files.state === 'unreadable') {",
    ],
    FILES,
  ),
  mutant(
    'rows-of-files-not-compared',
    'a view that shows files is compared by its rows, not only by its definition (30)',
    'staleness/drift.ts',
    [
      'if (found.installed !== null && !isSeen) return null',
      'if (found.installed !== null) return null',
    ],
    FILES,
  ),
  mutant(
    'files-outside-the-run-unknown',
    'outside the run, a view over files counts at its recorded content (7, 30)',
    'staleness/settle.ts',
    [' && record.token === null', ''],
    ['tests/unit/staleness/settle-files.test.ts'],
  ),
  mutant(
    'files-moved-while-read',
    'rows of files are observed between two reads of their token (1, 30)',
    'kinds/observe-relations.ts',
    ["if (after?.state !== 'exist' || after.token !== token) {", "if (after?.state !== 'exist') {"],
    FILES,
  ),
  mutant(
    'files-moved-while-measured',
    'rows of files are measured between two reads of their token (1, 30)',
    'kinds/fingerprint-shown.ts',
    ['token !== undefined && token === readableToken(filesNow())', 'token !== undefined'],
    FILES,
  ),
  mutant(
    'hidden-file-read',
    'rows are not read from a file of the working directory instead (30)',
    'kinds/observe-relations.ts',
    ['if (hiddenBy !== null) {', "if (hiddenBy === '') {"],
    FILES,
  ),
  mutant(
    'files-not-observed-again',
    'files behind views are observed again after a call (1, 30)',
    'execute/recheck-inputs.ts',
    ['relation !== null && outputs.length === 0', 'relation !== null'],
    ['tests/unit/execute/recheck-files.test.ts'],
  ),
  mutant(
    'place-is-no-code',
    'the place of an external materialization is part of its code (30)',
    'kinds/dbt/code-version/code-source.ts',
    ['version: hash(node.location), file', "version: '', file"],
    CATALOG,
  ),
  mutant(
    'source-in-a-file-by-relation',
    'a source with an external_location is the asset of its file (30)',
    'kinds/dbt/manifest/file-address.ts',
    ['return path === null ? relation : fileAddress(path)', 'return relation'],
    DBT_ASSETS,
  ),
  mutant(
    'undeclared-file-accepted',
    'a file that SQL names has to be among the deps (30)',
    'kinds/dbt/manifest/undeclared-files.ts',
    ['return declared === read ||', 'return declared !== read ||'],
    DBT_ASSETS,
  ),
  mutant(
    'dbt-target-ignored',
    'the output that `dbt.target` names is the one that dbt builds with (40a)',
    'kinds/dbt/profile/choose-output.ts',
    ['  if (stated !== null) {', '  if (stated !== null && !has(target)) {'],
    PROFILE,
  ),
  mutant(
    'unknown-output-is-the-default',
    'an output that is named and does not exist is never another output (40a)',
    'kinds/dbt/profile/choose-output.ts',
    ['  if (stated !== null) {', '  if (stated !== null && has(stated)) {'],
    PROFILE,
  ),
  mutant(
    'output-of-the-targets-name-ignored',
    'the output with the name of the target comes before the default (40a)',
    'kinds/dbt/profile/choose-output.ts',
    ["  if (has(target)) return { is: 'chosen', output: target }\n", ''],
    PROFILE,
  ),
  mutant(
    'default-output-unchecked',
    'a default output that does not exist is a problem (40a)',
    'kinds/dbt/profile/choose-output.ts',
    ['return byDefault !== null && has(byDefault)', 'return byDefault !== null'],
    PROFILE,
  ),
  mutant(
    'profiles-beside-the-project-first',
    'profiles.yml is looked for in the order of dbt (40b)',
    'kinds/dbt/profile/profiles-file.ts',
    ['  if (stated) return', '  if (stated && !existsSync(join(folder, "profiles.yml"))) return'],
    PROFILE,
  ),
  mutant(
    'token-proves-attached-files',
    'a change token proves nothing of an attached database of another format (40c, 44c)',
    'warehouses/duckdb/other-databases.ts',
    ['token === null || !attached.every(isDuckdbFile)', 'token === null'],
    ['tests/contract/duckdb.test.ts'],
  ),
  mutant(
    'token-of-any-file',
    'a change token is that of one file (40d)',
    'warehouses/duckdb/other-databases.ts',
    ['hash(digest, file, ...places)', 'hash(digest, ...places)'],
    ['tests/contract/duckdb.test.ts'],
  ),
  mutant(
    'names-in-a-pattern-ignored',
    'the names of files that match a pattern are part of the version (30)',
    'kinds/observe-files.ts',
    ['files.length === 1 && !areNamed', 'files.length === 1'],
    ['tests/contract/kinds-external.test.ts'],
  ),
  mutant(
    'verify-writes-files-in-place',
    'verify writes the files of models in scratch only (23a)',
    'kinds/dbt/worker/worker_build.py',
    ['node.config["location"] = self.scratch_location(node)', 'self.scratch_location(node)'],
    ['tests/e2e/verify-finds.test.ts'],
  ),
  mutant(
    'verify-copies-out',
    'verify sends no statement that copies rows to a file of its own (23a)',
    'kinds/dbt/worker/worker_build.py',
    ['if self.is_scratch and copies_out(', 'if self.folder == "" and copies_out('],
    ['tests/e2e/verify-finds.test.ts'],
  ),
  mutant(
    'verify-of-adopted',
    'what was adopted is not verified: its inputs did not make it (23a)',
    'plan/verify.ts',
    [
      "if (record.how === 'adopted' && record.because === undefined)",
      "if (record.how === 'adopted' && i < 0)",
    ],
    VERIFY,
  ),
  mutant(
    'verify-over-absent',
    'a view over what does not exist is not verified (23a)',
    'plan/verify.ts',
    ["settled[at]!.state === 'absent'", 'settled[at] === undefined'],
    VERIFY,
  ),
  mutant(
    'verify-of-stale',
    'what is not fresh is not verified (23a)',
    'plan/verify.ts',
    ["if (verdict.state === 'stale') {", "if (verdict.state === 'stale' && i < 0) {"],
    VERIFY,
  ),
  mutant(
    'verify-trusts-file-records',
    'an extract is compared with its file, not with its record (23)',
    'kinds/extract/rebuild.ts',
    ['versions: [stored.value.version, ', 'versions: [record.dataVersion, '],
    ['tests/contract/kinds-extract.test.ts'],
  ),
  mutant(
    'verify-counts-no-rest',
    'the report counts what was not reached (23a)',
    'report/verify.ts',
    ['return selected - findings.length - leftOut.length', 'return selected - selected'],
    VERIFY,
  ),
  mutant(
    'function-is-no-code-of-callers',
    'the code of a function is part of the code of its callers (31)',
    'kinds/dbt/code-version/project-code.ts',
    ['[...source.extraParts, ...parts]', 'source.extraParts'],
    CATALOG,
  ),
  mutant(
    'clock-of-a-function-ignored',
    'a caller of a function that names the clock depends on the time (31)',
    'kinds/dbt/code-version/project-code.ts',
    ['code.clock || functions.some((callee) => callee.code.clock)', 'code.clock'],
    CATALOG,
  ),
  mutant(
    'body-of-a-function-unseen',
    'a function with another body has drifted (31)',
    'warehouses/duckdb/reader.ts',
    [
      'const installed = hash(...own.flatMap((row) => row.slice(1)',
      'const installed = hash(...own.flatMap((row) => row.slice(3)',
    ],
    ['tests/contract/duckdb.test.ts'],
  ),
  mutant(
    'moved-function-dropped',
    'a function that moved is never dropped (27, 31)',
    'plan/leftovers.ts',
    ['if (isFunctionRelation(place)) return keep', 'if (place === null) return keep'],
    ['tests/unit/plan-leftover-functions.test.ts'],
  ),
  mutant(
    'function-created-again-unseen',
    'a function that was created again has drifted (31)',
    'warehouses/snowflake/functions.ts',
    ['JSON.stringify([String(time), ', 'JSON.stringify(['],
    ['tests/contract/snowflake.test.ts'],
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
      "if (!(await this.#write([...moved, ...begun, { change: 'commit', record }])))",
      "runState.finish(i, outcome, settled)\n    this.#options.onFinal(i)\n    await this.releaseParked()\n    await new Promise((done) => setImmediate(done))\n    if (!(await this.#write([...moved, ...begun, { change: 'commit', record }])))",
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
    ['if (!isSo) changes', 'if (i < 0) changes'],
  ),
  mutant(
    'view-remembered-over-moved-input',
    'what a view shows is not remembered if an input moved meanwhile (1c)',
    'execute/recorder.ts',
    ['if (areAsRead) changes', 'if (i >= 0) changes'],
  ),
  mutant('no-second-look', 'inputs are observed again after a call (1, 16)', 'execute/loop.ts', [
    'const inputs = inputsBelow(runState, indices)',
    'const inputs: readonly number[] = []',
  ]),
  mutant(
    'side-writes-ignored',
    'what a call writes besides its steps is observed again after it (28a)',
    'execute/loop.ts',
    ['touchedBy(runState, indices, sideWrites)', 'touchedBy(runState, indices, [])'],
    SIDE_WRITES,
  ),
  mutant(
    'opaque-writes-ignored',
    'a write that names nothing may have written anything (28a)',
    'execute/side-writes.ts',
    ['write.relations === null ? relations.all', 'write.relations === null ? []'],
    SIDE_WRITES,
  ),
  mutant(
    'write-before-build-counts',
    'a write before the build of its table in the same call is part of what the build found (28a)',
    'execute/side-writes.ts',
    ['if (inCall.has(i) && !write.built.has', 'if (i < 0 && !write.built.has'],
    SIDE_WRITES,
  ),
  mutant(
    'back-and-forth-is-unmoved',
    'two side writes can change a table and change it back, with a reader in between (28b)',
    'execute/side-writes.ts',
    ['if (this.#isUnmeasured) return false', 'if (!this.#isUnmeasured) return true'],
    SIDE_WRITES,
  ),
  mutant(
    'every-side-write-moves',
    'a single side write that leaves the same content changed nothing (28b)',
    'execute/side-writes.ts',
    ['(during === 1 && this.#before === 0)', 'during < 0'],
    SIDE_WRITES,
  ),
  mutant(
    'built-on-a-side-write',
    'an incremental table is not built on top of what a hook of the run wrote (28c, 10b)',
    'execute/loop.ts',
    ['    runState.touch(observed)', '    runState.touch(new Map())'],
    SIDE_WRITES,
  ),
  mutant(
    'side-write-not-recorded',
    'offline says of a side write what online says (28c, 9)',
    'execute/loop.ts',
    ['await this.#recordTouched(touched)', 'await this.#recordTouched(new Map())'],
    SIDE_WRITES,
  ),
  mutant(
    'token-despite-side-writes',
    'the change token is not kept while a table holds what a hook wrote (28c, 14f)',
    'execute/warehouse-token.ts',
    ['if (record !== null && driftReason', 'if (record === undefined && driftReason'],
    SIDE_WRITES,
  ),
  mutant(
    'certain-before-the-end',
    'until a call has ended, what read a table that it may have written names no version of it (28b)',
    'execute/commit.ts',
    ['runState.isDoubted(input) ? null', 'runState.isDoubted(input) ? settled.version'],
    SIDE_WRITES,
  ),
  mutant(
    'own-side-write-is-news',
    'what a step writes into an input that it does not read is no news to it (28d)',
    'execute/recorder.ts',
    ['return unread.has(index) ?', 'return index < 0 ?'],
    SIDE_WRITES,
  ),
  mutant(
    'call-without-order',
    'the steps of a call are ordered by their declared inputs (29a)',
    'execute/batches.ts',
    ['if (batch.has(input)) found.add(input)', 'if (batch.has(input)) continue'],
    ['tests/unit/execute/declared-order.test.ts'],
  ),
  mutant(
    'call-without-gates',
    'the gates of a call hold back what is below them, known to dbt or not (29b)',
    'execute/batches.ts',
    ['if (batch.has(gate)) found.add(gate)', 'if (gate < 0) found.add(gate)'],
    ['tests/unit/execute/declared-order.test.ts'],
  ),
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
  ...ADOPTION_MUTANTS,
  ...AGAINST_MUTANTS,
  ...ARRIVAL_MUTANTS,
  ...BOUNDS_MUTANTS,
  ...CHECK_MUTANTS,
  ...CODE_VERSION_MUTANTS,
  ...CURSOR_MUTANTS,
  ...FOUND_MUTANTS,
  ...DATABASE_MUTANTS,
  ...LAST_ANSWER_MUTANTS,
  ...COMMAND_LINE_MUTANTS,
  ...PATH_MUTANTS,
  ...NEW_USER_MUTANTS,
  ...POSTGRES_MUTANTS,
  ...PROCESS_MUTANTS,
  ...SECRET_MUTANTS,
  ...SESSION_MUTANTS,
  ...SUPPLY_MUTANTS,
  ...HYPER_MUTANTS,
  ...STATE_MUTANTS,
  ...WORDS_MUTANTS,
  ...SOURCE_VALUES_MUTANTS,
]
