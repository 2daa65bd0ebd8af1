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

/** Nothing else goes on while a file is checked; a larger one takes longer than a moment. */
const CHECKED_UP_TO = 64 * 1024 ** 2

/** Whether the file is whole, may be written, and who has the right to run. */
export const examine: Examine = (patient) => [{ part: null, facts: examineFile(patient) }]

async function* examineFile({ settings, site }: HealthSubject): AsyncGenerator<HealthFact> {
  const { path } = settings.settings
  const absolute = resolve(site.root, typeof path === 'string' ? path : DEFAULT_PATH)
  const file = relative(site.root, absolute) || absolute
  // The disk of the folder .assets is told of once.
  if (!onOneDisk(absolute, site.home)) yield diskFact(file, freeSpace(absolute))
  if (!existsSync(absolute)) {
    yield good('file', `${file} is not made yet: the first command makes it`)
    return
  }
  const { size } = statSync(absolute)
  const database = await openDatabase(absolute)
  try {
    // Takes the lock of a writer, and writes nothing.
    await database.transaction('write', async () => {})
    yield good('file', `${file}, ${formatBytes(size)}, may be written`)
    if (size <= CHECKED_UP_TO) yield await wholeFact(database, file)
    yield* stateFacts(database, site.target.name, site.clock)
  } finally {
    await database.close()
  }
}

async function wholeFact(database: Database, file: string): Promise<HealthFact> {
  const [row] = await database.transaction('read', (tx) =>
    tx.all<[string]>('pragma quick_check(1)'),
  )
  const said = row?.[0] ?? 'nothing'
  return said === 'ok'
    ? good('integrity', 'quick_check finds nothing')
    : bad(
        'integrity',
        `quick_check: ${said}`,
        `bring ${file} back from a copy, or move it away: all assets will count as never built`,
      )
}
