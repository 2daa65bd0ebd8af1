import { statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { duckdbVersion } from '../../engines/duckdb/engine.ts'
import { formatBytes } from '../../lib/bytes.ts'
import { freeSpace, onOneDisk } from '../../lib/free-space.ts'
import { bad, diskFact, doubtful, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import { NEWEST_STORAGE, readFileHeader } from './file-header.ts'
import { lockHolderOf } from './lock-holder.ts'
import { type FallbackProblem, newerFormat, problemOf } from './problems.ts'

/**
 * Examines the DuckDB file: its format, the process that has it locked, and the free disk space. DuckDB
 * does not open the file, because that would block a run that starts now.
 */
export const examine: Examine = (subject) => [{ part: null, facts: examineFile(subject) }]

async function* examineFile({ settings, site }: HealthSubject): AsyncGenerator<HealthFact> {
  const { path } = settings.settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    const fix = 'set `path` of the warehouse, such as .assets/warehouse.duckdb'
    yield bad('file', '`path` is not the path of a file', fix)
    return
  }
  const absolute = resolve(site.root, path)
  const file = relative(site.root, absolute) || absolute
  // The disk of the folder .assets is a fact of its own.
  if (!onOneDisk(absolute, site.home)) yield diskFact(dirname(file), freeSpace(absolute))
  const stats = statSync(absolute, { throwIfNoEntry: false })
  if (stats === undefined) {
    yield good('file', `${file} does not exist yet; the first build creates it`)
    return
  }
  yield good('file', `${file}, ${formatBytes(stats.size)}`)
  yield await formatFact(absolute, file)
  const holder = lockHolderOf(absolute)
  yield holder === null
    ? good('lock', 'no process has the file open')
    : doubtful(
        'lock',
        `open in process ${holder.pid} (${holder.program})`,
        'if that is not a run of assets, close the program before the next run',
      )
}

async function formatFact(path: string, file: string): Promise<HealthFact> {
  try {
    const header = readFileHeader(path)
    if (header === null) {
      return bad(
        'format',
        `${file} is not a DuckDB file, or it is damaged`,
        'move the file away to build everything again, or correct `path` of the warehouse',
      )
    }
    const { storageVersion, writtenBy } = header
    if (storageVersion > NEWEST_STORAGE) {
      return factOf('format', newerFormat(file, writtenBy, await duckdbVersion()))
    }
    const creator = writtenBy === null ? '' : `, created by DuckDB ${writtenBy}`
    return good('format', `storage version ${storageVersion}${creator}`)
  } catch (error) {
    const fallback: FallbackProblem = { code: 'warehouse-failed', message: `${file} can't be read` }
    return factOf('format', problemOf(error, file, fallback))
  }
}
