import { type Mutant, oneEdit } from './mutant.ts'

const DAMAGE = ['tests/contract/state-damage.test.ts']
const FILE = ['tests/contract/state-sqlite-trouble.test.ts']
const VERBS = ['tests/contract/state-verbs.test.ts']
const CACHES = ['tests/contract/damaged-caches.test.ts']

const bundled = (mutant: Mutant): Mutant => ({ ...mutant, isBundled: true })

/** Damage and loss of the state, of caches and of an embedded source (SEMANTICS 49). */
export const STATE_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'row-of-any-checksum',
    'a row that is not as it was written is damage (49a)',
    'state/sealed-rows.ts',
    ['if (row.at(-1) !== sealOf(name, columns))', 'if (row.length === 0)'],
    DAMAGE,
  ),
  oneEdit(
    'checksum-of-the-text-alone',
    'a checksum covers the table and all columns (49a)',
    'state/sealed-rows.ts',
    ['[table, ...row.map(storable)]', '[row.at(-1)!]'],
    DAMAGE,
  ),
  oneEdit(
    'hidden-rows',
    'a row that its index hides is damage (49a)',
    'state/sqlite/database.ts',
    ["if (findings !== 'ok')", "if (findings === '')"],
    DAMAGE,
  ),
  oneEdit(
    'hidden-record-under-snapshot',
    'an older record does not stand for a hidden one (49a)',
    'state/record-snapshot.ts',
    ['const VERIFY_UP_TO = 5_000', 'const VERIFY_UP_TO = 0'],
    DAMAGE,
  ),
  oneEdit(
    'snapshot-of-another-run',
    'a record snapshot is of the run that its bytes name (49a)',
    'state/record-snapshot.ts',
    ['if (writtenBy !== indexRow[0])', 'if (writtenBy < 0)'],
    DAMAGE,
  ),
  oneEdit(
    'dropped-table-is-a-bug',
    'a missing table is damage (49a)',
    'state/sqlite/problems.ts',
    ['no such (table|column|index)|', ''],
    DAMAGE,
  ),
  oneEdit(
    'log-stays',
    'the end of a command moves the log into the file (49b)',
    'state/sqlite/database.ts',
    ['    this.#emptyLog()\n', ''],
    FILE,
  ),
  oneEdit(
    'empty-log-is-another-state',
    'an empty log counts as none (49b)',
    'state/sqlite/index.ts',
    ["isLogEmpty(file) ? 'empty' : ", ''],
    FILE,
  ),
  oneEdit(
    'loss-in-silence',
    'an empty state beside the number of a run was lost (49c)',
    'state/sqlite/last-run.ts',
    ['if (known === 0 ||', 'if (known >= 0 ||'],
    VERBS,
  ),
  oneEdit(
    'stump-is-a-new-state',
    'a file that is shorter than a header is not overwritten (49c)',
    'state/sqlite/index.ts',
    ['size > 0 && size < HEADER', 'size < 0'],
    VERBS,
  ),
  oneEdit(
    'restored-records-are-fresh',
    'nothing is fresh before it was observed after a restore (49d)',
    'state/backup.ts',
    ['          await forgetObservations(write, each, context.clock())\n', ''],
    VERBS,
  ),
  oneEdit(
    'restored-numbers',
    'the number of a run is not used twice (49d)',
    'state/backup.ts',
    ['Math.max(await lastRun(read), await lastRun(write)) + 1', '(await lastRun(read)) + 1'],
    VERBS,
  ),
  oneEdit(
    'restore-under-a-run',
    'a run that is alive keeps its state (49d)',
    'state/backup.ts',
    ['if (live !== null) throw', 'if (live === undefined) throw'],
    VERBS,
  ),
  oneEdit(
    'restore-of-damage',
    'a damaged backup is not restored (49d)',
    'cli/verbs/state/restore.ts',
    ['if (damage !== undefined)', 'if (damage === null)'],
    VERBS,
  ),
  oneEdit(
    'prune-by-age-alone',
    'the newest runs are kept whatever their age (49g)',
    'state/prune.ts',
    ["'target = ? and started_at < ? and id < ?'", "'target = ? and started_at < ? and id <> -?'"],
    VERBS,
  ),
  oneEdit(
    'damaged-cache-ends-the-command',
    'a damaged cache is made again by the same command (49e)',
    'cli/main.ts',
    ['if (isCacheDamage(error) &&', 'if (isRepeated &&'],
    CACHES,
  ),
  oneEdit(
    'folder-for-a-cache',
    'what is in the place of a cache is removed (49e)',
    'lib/cache-file.ts',
    ['?.isDirectory()) removeCacheFile(path)', '?.isFIFO()) removeCacheFile(path)'],
    CACHES,
  ),
  bundled(
    oneEdit(
      'catalog-of-any-checksum',
      "the cache of dbt's project has a checksum (49e)",
      'kinds/dbt/manifest/catalog-cache.ts',
      ['head.checksum !== checksum(lines)', "head.checksum === ''"],
      ['tests/e2e/damaged-caches.test.ts'],
    ),
  ),
  bundled(
    oneEdit(
      'text-of-any-checksum',
      'a kept answer has a checksum (49e)',
      'lib/cache-file.ts',
      ['? content : null', '? content : content'],
      ['tests/e2e/damaged-caches.test.ts'],
    ),
  ),
  oneEdit(
    'source-without-data',
    'a source whose data is gone is not unchanged (49f)',
    'connections/postgres/embedded/embedded-source.ts',
    ['!state.clean || !server.hasData', '!state.clean'],
    ['tests/contract/embedded-source.test.ts'],
  ),
]
