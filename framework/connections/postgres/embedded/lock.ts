import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** The right to use something that one process at a time may open. */
export interface Lock {
  release(): void
}

/** Somebody else has it; `pid` as far as it told. */
export interface Held {
  readonly held: true
  readonly pid: number | null
}

const RETRY = 100
const SQLITE_BUSY = 5

/**
 * Takes an OS lock on `file`, waiting up to `patience` milliseconds. It is the lock of an exclusive
 * SQLite transaction that writes nothing, so it is free as soon as its process is gone, however that
 * ended. `waiting` is called once, when it is not free at once. Errors of the file system are thrown.
 */
export async function acquireLock(
  file: string,
  patience: number,
  waiting: (holder: number | null) => void,
): Promise<Lock | Held> {
  const { DatabaseSync } = await import('@photostructure/sqlite')
  const owner = `${file}.owner`
  for (let waited = 0; ; waited += RETRY) {
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
    if (waited >= patience) return { held: true, pid: ownerOf(owner) }
    if (waited === 0) waiting(ownerOf(owner))
    await setTimeout(RETRY)
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
