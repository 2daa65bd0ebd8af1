import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, told apart from all others of its realm: a reused pid has another start time. */
export interface ProcessId {
  readonly pid: number
  /** Start time of the process, as its system writes it. */
  readonly started: string
}

/** A process, told apart from all others everywhere. */
export interface Owner extends ProcessId {
  readonly host: string
  /** Where process ids can be compared: one boot of one machine, one pid namespace. */
  readonly realm: string
}

let self: Owner | null = null

/** This process. */
export function thisProcess(): Owner {
  if (self !== null) return self
  const { pid, platform } = process
  const host = hostname()
  const realm = platform === 'linux' ? linuxRealm(host) : host
  self = { host, realm, pid, started: startOf(pid) ?? 'unknown' }
  return self
}

/** Containers can have the same host name and process ids, but not the same pid namespace. */
function linuxRealm(host: string): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
  return [host, boot, namespace].join(' ')
}

/** Whether this process runs; null if it is hidden, because it belongs to another user. */
export function isRunning({ pid, started }: ProcessId): boolean | null {
  const found = startOf(pid)
  return found === null ? (processExists(pid) ? null : false) : found === started
}

/** When a process started, as its system writes it; null when there is none or it is hidden. */
export function startOf(pid: number): string | null {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid)
}

/**
 * When a process started; null when there is none or it is hidden. proc(5): field 3 of `/proc/PID/stat` is
 * the state, field 22 the start in ticks since boot. Field 2 is in parentheses and can contain any
 * character. A zombie (Z) has ended, though its parent has not collected it yet.
 */
export function startTimeFromProc(pid: number): string | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19]!
}

/** The start time for systems without /proc, to the second. Locale and time zone are fixed. */
export function startTimeFromPs(pid: number): string | null {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  // Loaded late: it takes longer than reading a small state, and Linux does not need it.
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  const ps = () =>
    execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  return read(ps)?.trim() || null
}

/** Whether a process exists, even if it is hidden because it belongs to another user. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function read(attempt: () => string): string | null {
  try {
    return attempt()
  } catch {
    return null
  }
}
