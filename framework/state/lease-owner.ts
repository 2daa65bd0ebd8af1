import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** The process that holds a lease, identified uniquely over all machines and times. */
export interface Owner {
  readonly host: string
  /** Where process ids can be compared: one boot of one machine, one pid namespace. */
  readonly realm: string
  readonly pid: number
  /** Start time of the process, as its system writes it. A reused pid has another start time. */
  readonly started: string
}

/** This process, and whether other processes are alive. Replaced in tests. */
export interface Processes {
  readonly self: Owner
  /** Null when it can't be determined from here, for example for a process of another machine. */
  isAlive(owner: Owner): boolean | null
}

/** An owner in another realm counts as dead after this long without a heartbeat, in milliseconds. */
export const OWNER_TIMEOUT = 60_000
/** Milliseconds between two heartbeats of the holder of a lease. */
export const HEARTBEAT = 10_000

/**
 * Whether a lease is still held. In the same realm the process table decides, so the run of a suspended
 * laptop is alive. For other realms the age of the heartbeat decides.
 */
export function isHeld(
  lease: { readonly owner: Owner; readonly heartbeat: number },
  now: number,
  processes: Processes,
): boolean {
  return processes.isAlive(lease.owner) ?? now - lease.heartbeat < OWNER_TIMEOUT
}

/** The processes of this machine. */
export function localProcesses(): Processes {
  const { pid, platform } = process
  const startOf = platform === 'linux' ? startTimeFromProc : startTimeFromPs
  const host = hostname()
  const realm = platform === 'linux' ? linuxRealm(host) : host
  return {
    self: { host, realm, pid, started: startOf(pid) ?? 'unknown' },
    isAlive(owner) {
      if (owner.realm !== realm) return null
      const started = startOf(owner.pid)
      return started === null ? (exists(owner.pid) ? null : false) : started === owner.started
    },
  }
}

/** Containers can have the same host name and process ids, but not the same pid namespace. */
function linuxRealm(host: string): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
  return [host, boot, namespace].join(' ')
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
function exists(pid: number): boolean {
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
