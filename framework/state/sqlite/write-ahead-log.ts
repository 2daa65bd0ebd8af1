import { type FileHandle, open } from 'node:fs/promises'
import { fileStats } from '../../lib/file-stats.ts'

/**
 * Flushes SQLite's write-ahead log to the disk without blocking the process, as `synchronous = full` would
 * for some milliseconds in every step. A finished commit is completely in the log. The log stays one file
 * while a connection is open, and SQLite holds no lock on it (sqlite.org/walformat), so opening a second
 * descriptor is safe.
 */
export class WriteAheadLog {
  readonly #file: string
  #handle: Promise<FileHandle> | null = null

  constructor(database: string) {
    this.#file = `${database}-wal`
  }

  /** All commits before the call are on the disk when it resolves. */
  readonly flush = shareRuns(async () => {
    this.#handle ??= open(this.#file, 'r+')
    await (await this.#handle).datasync()
  })

  async close(): Promise<void> {
    const handle = await this.#handle?.catch(() => null)
    await handle?.close()
  }
}

/** Whether the log of a database has no bytes, or does not exist. */
export function isLogEmpty(database: string): boolean {
  try {
    return (fileStats(`${database}-wal`)?.size ?? 0) === 0
  } catch {
    return false
  }
}

/**
 * Lets callers share runs of work that covers everything before its start. A call during a run waits for
 * the next run, because the current one may have started too early to cover it.
 */
export function shareRuns(work: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve()
  let next: Promise<void> | null = null
  const start = () => {
    next = null
    running = work()
    return running
  }
  return () => {
    next ??= running.then(start, start)
    return next
  }
}
