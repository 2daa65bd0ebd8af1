import type { Mutant } from './mutant.ts'
import { mutant, RAW_TABLES, SIDE_WRITES } from './suites.ts'

/** Drift and observations, and raw tables that a sync left unchanged. */
export const OBSERVATION_MUTANTS: readonly Mutant[] = [
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
]
