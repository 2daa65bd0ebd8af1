import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** A lock that one process at a time can hold. */
export interface Lock {
  release(): void
}

/** Another process holds the lock. `pid` is null if it is not known. */
export interface LockHeld {
  readonly held: true
  readonly pid: number | null
}

/** Milliseconds. */
const RETRY_INTERVAL = 100
const SQLITE_BUSY = 5

/**
 * Acquires an OS lock on `file`, waiting up to `timeout` milliseconds. It is the lock of an exclusive
 * SQLite transaction that writes nothing, so the OS releases it even if the process is killed. Calls
 * `waiting` once if the lock is not free at first. Throws errors of the file system.
 */
export async function acquireLock(
  file: string,
  timeout: number,
  waiting: (holder: number | null) => void,
): Promise<Lock | LockHeld> {
  const { DatabaseSync } = await import('@photostructure/sqlite')
  const owner = `${file}.owner`
  for (let waited = 0; ; waited += RETRY_INTERVAL) {
    const database = new DatabaseSync(file, { timeout: 0 })
    try {
      database.exec('begin exclusive')
      writeFileSync(owner, `${process.pid}`)
      return {
        release() {
          rmSync(owner, { force: true })
          database.close()
        },
      }
    } catch (error) {
      database.close()
      if (!isBusy(error)) throw error
    }
    if (waited >= timeout) return { held: true, pid: ownerOf(owner) }
    if (waited === 0) waiting(ownerOf(owner))
    await setTimeout(RETRY_INTERVAL)
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY

function ownerOf(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8')) || null
  } catch {
    return null
  }
}
