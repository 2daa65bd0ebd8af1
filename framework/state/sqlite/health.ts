import { existsSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { formatBytes } from '../../lib/bytes.ts'
import { freeSpace, onOneDisk } from '../../lib/free-space.ts'
import { bad, diskFact, good, type HealthFact } from '../../model/health-fact.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import type { Database } from '../database.ts'
import { stateFacts } from '../health.ts'
import { openDatabase } from './database.ts'
import { DEFAULT_PATH } from './index.ts'

/** The largest file that is checked, in bytes. The check blocks the process. */
const CHECK_UP_TO = 64 * 1024 ** 2

/** Examines the file: disk space, whether it is writable and intact, its tables, and the lease. */
export const examine: Examine = (subject) => [{ part: null, facts: examineFile(subject) }]

async function* examineFile({ settings, site }: HealthSubject): AsyncGenerator<HealthFact> {
  const { path } = settings.settings
  const absolute = resolve(site.root, typeof path === 'string' ? path : DEFAULT_PATH)
  const file = relative(site.root, absolute) || absolute
  // The disk of the folder .assets is a fact of its own.
  if (!onOneDisk(absolute, site.home)) yield diskFact(file, freeSpace(absolute))
  if (!existsSync(absolute)) {
    yield good('file', `${file} does not exist yet; the first command creates it`)
    return
  }
  const { size } = statSync(absolute)
  const database = await openDatabase(absolute)
  try {
    // Takes the lock of a writer and writes nothing.
    await database.transaction('write', async () => {})
    yield good('file', `${file}, ${formatBytes(size)}, writable`)
    if (size <= CHECK_UP_TO) yield await integrityFact(database, file)
    yield* stateFacts(database, site.target.name, site.clock)
  } finally {
    await database.close()
  }
}

async function integrityFact(database: Database, file: string): Promise<HealthFact> {
  const [row] = await database.transaction('read', (tx) =>
    tx.all<[string]>('pragma quick_check(1)'),
  )
  const finding = row?.[0] ?? 'no result'
  return finding === 'ok'
    ? good('integrity', 'quick_check found no damage')
    : bad(
        'integrity',
        `quick_check: ${finding}`,
        `run assets state check; then restore a backup (assets state restore FILE), or move ${file} away (all assets then count as never built)`,
      )
}
