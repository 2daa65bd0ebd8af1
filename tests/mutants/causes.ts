import type { Mutant } from './mutant.ts'
import { ENGINE, FULL_BUILDS, mutant, WHY } from './suites.ts'

/** What `why` says, and the reasons of verdicts. */
export const CAUSE_MUTANTS: readonly Mutant[] = [
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
]
