import { closeSync, openSync, readSync } from 'node:fs'
import { fileStats } from '../../lib/file-stats.ts'
import { hash } from '../../lib/hash.ts'

/** The main header and two database headers, 4 KiB each. Every checkpoint increases a counter in them. */
const HEADER_BYTES = 12_288
/** Suffixes of DuckDB 1.5's write-ahead log while it writes, checkpoints and recovers. */
const LOGS = ['.wal', '.wal.checkpoint', '.wal.recovery']

/**
 * The change token of a DuckDB file: it changes with every commit. `absent` when there is no file. Null
 * while a write-ahead log holds changes, because the headers don't show these.
 *
 * Never call this while this process has the file open. POSIX releases all locks of a process on a file,
 * including DuckDB's, when the process closes any descriptor of it.
 */
export function fileChangeToken(path: string): string | null {
  const file = fileStats(path)
  for (const log of LOGS) {
    if ((fileStats(`${path}${log}`)?.size ?? 0) > 0) return null
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
