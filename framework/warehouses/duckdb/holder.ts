import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A process that has a file open and locked. */
export interface Holder {
  readonly pid: number
  readonly program: string
}

/**
 * Who has a lock on a file, told without touching the file; null when nobody has, or where the system
 * has no list of locks to read. proc(5): a line of /proc/locks ends in the process, the device with the
 * file's number on it, and the locked range.
 */
export function holderOf(path: string): Holder | null {
  const { ino } = statSync(path)
  for (const line of textOf('/proc/locks').split('\n')) {
    const [, pid, inode] = /(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) \S+ \S+$/.exec(line) ?? []
    if (pid === undefined || Number(inode) !== ino || !hasOpen(pid, path)) continue
    return { pid: Number(pid), program: textOf(`/proc/${pid}/comm`).trim() }
  }
  return null
}

/** The number alone may be that of a file on another device. */
function hasOpen(pid: string, path: string): boolean {
  const real = realpathSync(path)
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).some((descriptor) => target(join(folder, descriptor)) === real)
  } catch {
    // Another user's process doesn't show what it has open.
    return true
  }
}

function target(link: string): string | null {
  try {
    return readlinkSync(link)
  } catch {
    return null
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
