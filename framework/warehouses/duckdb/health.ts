import { dirname, relative, resolve } from 'node:path'
import { type DuckdbLibrary, duckdbLibrary } from '../../engines/duckdb/library.ts'
import { formatBytes } from '../../lib/bytes.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { freeSpace, onOneDisk } from '../../lib/free-space.ts'
import { bad, diskFact, doubtful, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import { examineBlocks } from './block-health.ts'
import { NEWEST_STORAGE, readFileHeader } from './file-header.ts'
import { lockHolderOf } from './lock-holder.ts'
import { type FallbackProblem, newerFormat, problemOf } from './problems.ts'

/**
 * Examines the DuckDB file: its format, the process that has it locked, the free disk space, and, if no process has it
 * open, the checksums of all blocks.
 */
export const examine: Examine = (subject) => [
  { part: null, facts: examineFile(subject) },
  { part: 'contents', facts: examineBlocks(subject), isPatient: true },
]

async function* examineFile({ settings, site }: HealthSubject): AsyncGenerator<HealthFact> {
  const { path } = settings.settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    const fix = 'set `path` of the warehouse, such as .assets/warehouse.duckdb'
    yield bad('file', '`path` is not the path of a file', fix)
    return
  }
  const duckdb = await duckdbLibrary(await site.pythonLibrary('duckdb'))
  yield good('engine', engineText(duckdb))
  const absolute = resolve(site.root, path)
  const file = relative(site.root, absolute) || absolute
  // The disk of the folder .assets is a fact of its own.
  if (!onOneDisk(absolute, site.home)) yield diskFact(dirname(file), freeSpace(absolute))
  const stats = fileStats(absolute)
  if (stats === undefined) {
    yield good('file', `${file} does not exist yet; the first build creates it`)
    return
  }
  yield good('file', `${file}, ${formatBytes(stats.size)}`)
  yield await formatFact(absolute, file, duckdb)
  const holder = lockHolderOf(absolute)
  yield holder === null
    ? good('lock', 'no process has the file open')
    : doubtful(
        'lock',
        `open in process ${holder.pid} (${holder.program})`,
        'if that is not a run of assets, close the program before the next run',
      )
}

/** The version that opens the file, and why it is not that of assets. */
function engineText({ version, python }: DuckdbLibrary): string {
  return python === null ? `DuckDB ${version}` : `DuckDB ${version} of dbt's Python, ${python}`
}

async function formatFact(path: string, file: string, duckdb: DuckdbLibrary): Promise<HealthFact> {
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
    // What the versions of others read is not known before they try.
    if (duckdb.python === null && storageVersion > NEWEST_STORAGE) {
      return factOf('format', newerFormat(file, writtenBy, duckdb))
    }
    const creator = writtenBy === null ? '' : `, created by DuckDB ${writtenBy}`
    return good('format', `storage version ${storageVersion}${creator}`)
  } catch (error) {
    const fallback: FallbackProblem = { code: 'warehouse-failed', message: `${file} can't be read` }
    return factOf('format', problemOf(error, file, fallback))
  }
}
