import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A process that has locked a file. */
export interface LockHolder {
  readonly pid: number
  readonly program: string
}

/**
 * The process that has locked a file. Null when there is none, or when the system has no /proc/locks. The
 * file itself is not opened. proc(5): a line of /proc/locks ends with the process id, the device and
 * inode, and the locked range.
 */
export function lockHolderOf(path: string): LockHolder | null {
  const { ino } = statSync(path)
  for (const line of textOf('/proc/locks').split('\n')) {
    const [, pid, inode] = /(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) \S+ \S+$/.exec(line) ?? []
    if (pid === undefined || Number(inode) !== ino || !hasFileOpen(pid, path)) continue
    return { pid: Number(pid), program: textOf(`/proc/${pid}/comm`).trim() }
  }
  return null
}

/** Whether a process has the file open. The inode alone could belong to another device. */
function hasFileOpen(pid: string, path: string): boolean {
  const realPath = realpathSync(path)
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).some(
      (descriptor) => linkTarget(join(folder, descriptor)) === realPath,
    )
  } catch {
    // The files of another user's process can't be listed, so assume that it has this one.
    return true
  }
}

function linkTarget(link: string): string | null {
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
