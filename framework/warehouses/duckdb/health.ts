import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { formatBytes } from '../../lib/bytes.ts'
import { freeSpace, onOneDisk } from '../../lib/free-space.ts'
import { bad, diskFact, doubtful, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import { holderOf } from './holder.ts'
import { type Doing, problemOf } from './problems.ts'

/**
 * Whether the file is what it should be, who has it, and how much room there is beside it. It is not
 * opened by DuckDB: that would keep a run that begins now from opening it.
 */
export const examine: Examine = (patient) => [{ part: null, facts: examineFile(patient) }]

async function* examineFile({ settings, site }: HealthSubject): AsyncGenerator<HealthFact> {
  const { path } = settings.settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    const fix = 'give the warehouse a path: .assets/warehouse.duckdb'
    yield bad('file', 'it has no path of a file', fix)
    return
  }
  const absolute = resolve(site.root, path)
  const file = relative(site.root, absolute) || absolute
  // The disk of the folder .assets is told of once.
  if (!onOneDisk(absolute, site.home)) yield diskFact(dirname(file), freeSpace(absolute))
  const stats = statSync(absolute, { throwIfNoEntry: false })
  if (stats === undefined) {
    yield good('file', `${file} is not made yet: the first build makes it`)
    return
  }
  yield good('file', `${file}, ${formatBytes(stats.size)}`)
  yield formatFact(absolute, file)
  const holder = holderOf(absolute)
  yield holder === null
    ? good('lock', 'nobody has the file open')
    : doubtful(
        'lock',
        `open in process ${holder.pid} (${holder.program})`,
        'if that is no run of assets, close it before the next one',
      )
}

function formatFact(path: string, file: string): HealthFact {
  const header = readHeader(path)
  if (header instanceof Error) {
    const doing: Doing = { code: 'warehouse-failed', message: `${file} can't be read` }
    return factOf('format', problemOf(header, file, doing))
  }
  if (header.toString('latin1', 8, 12) !== 'DUCK') {
    return bad(
      'format',
      `${file} is not a DuckDB file, or it is damaged`,
      'move it away, and everything in it is built again; or correct `path` of the warehouse',
    )
  }
  const version = header.toString('latin1', 52).replaceAll('\0', '')
  const made = version === '' ? '' : `, made by DuckDB ${version}`
  return good('format', `storage version ${header.readBigUInt64LE(12)}${made}`)
}

const HEADER_BYTES = 84

/**
 * The main header: a checksum, `DUCK`, the number of the storage's version, flags, and from byte 52 on
 * the version of the library that made the file (duckdb.org/docs/stable/internals/storage).
 */
function readHeader(path: string): Buffer | Error {
  const header = Buffer.alloc(HEADER_BYTES)
  try {
    const descriptor = openSync(path, 'r')
    try {
      readSync(descriptor, header, 0, HEADER_BYTES, 0)
    } finally {
      closeSync(descriptor)
    }
    return header
  } catch (error) {
    return error as Error
  }
}
