import type { Mutant } from './mutant.ts'
import { CLOCK, ENGINE, mutant } from './suites.ts'

/** Versions, the clock in code, and times in the future (1–3, 7, 9, 21, 26). */
export const VERSION_MUTANTS: readonly Mutant[] = [
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
]
