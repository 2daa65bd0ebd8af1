import { type FileHandle, open } from 'node:fs/promises'

/**
 * Forces SQLite's write-ahead log to the disk without stopping the process meanwhile, as
 * `synchronous = full` would, for some milliseconds in every step. A commit is in the log, whole and
 * in order, when it returns; the log is one file for as long as a connection is open, and no lock of
 * SQLite lies on it (sqlite.org/walformat), so a second descriptor does no harm.
 */
export class Log {
  readonly #file: string
  #handle: Promise<FileHandle> | null = null

  constructor(database: string) {
    this.#file = `${database}-wal`
  }

  /** All that was committed before the call is on the disk when it resolves. */
  readonly flush = shared(async () => {
    this.#handle ??= open(this.#file, 'r+')
    await (await this.#handle).datasync()
  })

  async close(): Promise<void> {
    const handle = await this.#handle?.catch(() => null)
    await handle?.close()
  }
}

/**
 * Lets callers share work that covers whatever came before its start. While it is under way all who
 * call wait for the next time, for this one may have begun too early for them.
 */
export function shared(work: () => Promise<void>): () => Promise<void> {
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
