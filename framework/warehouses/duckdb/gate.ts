import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { hash } from '../../lib/hash.ts'

/** The main header and the two database headers, 4 KiB each; every checkpoint moves a counter there. */
const HEADER_BYTES = 12_288
/** DuckDB 1.5 keeps its log under these names while it writes, checkpoints and recovers. */
const LOGS = ['.wal', '.wal.checkpoint', '.wal.recovery']

/**
 * A token that moves with every committed change of a DuckDB file; `absent` without a file; null
 * while a log holds changes, which the headers don't show.
 *
 * Never call it while this process has the file open: POSIX drops all locks of a process on a file
 * as soon as the process closes any descriptor of it, DuckDB's lock included.
 */
export function fileToken(path: string): string | null {
  const file = statSync(path, { throwIfNoEntry: false })
  for (const log of LOGS) {
    if ((statSync(`${path}${log}`, { throwIfNoEntry: false })?.size ?? 0) > 0) return null
  }
  if (file === undefined) return 'absent'
  if (!file.isFile()) return null
  const descriptor = openSync(path, 'r')
  try {
    const header = Buffer.alloc(HEADER_BYTES)
    const length = readSync(descriptor, header, 0, HEADER_BYTES, 0)
    return `${file.size}:${hash(header.subarray(0, length).toString('latin1'))}`
  } finally {
    closeSync(descriptor)
  }
}
