import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** The process that holds a lease, told apart from any other that ever was. */
export interface Owner {
  readonly host: string
  /** Process ids can be compared within one realm only: one boot of one machine, one pid namespace. */
  readonly realm: string
  readonly pid: number
  /** When the process started, as its system writes it: a reused pid has another one. */
  readonly started: string
}

/** Who we are and what we can see of other processes; replaced in tests. */
export interface Processes {
  readonly self: Owner
  /** null when it can't be seen from here. */
  isAlive(owner: Owner): boolean | null
}

/** An owner that can't be seen counts as gone when it was not heard of for this long, in milliseconds. */
export const OWNER_TIMEOUT = 60_000
/** How often the holder of a lease says that it lives, in milliseconds. */
export const HEARTBEAT = 10_000

/**
 * Whether a lease is still held. Where the process table can be asked, it knows at once and for
 * sure: the run of a suspended laptop is not dead. Elsewhere only silence tells.
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

/** Two containers may share a host name, and each has a process 1; they don't share a namespace. */
function linuxRealm(host: string): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
  return [host, boot, namespace].join(' ')
}

/**
 * When a process started; null when there is none or it can't be seen. proc(5): field 3 of
 * `/proc/PID/stat` is the state, field 22 the start in ticks since boot; field 2 is in parentheses
 * and may hold anything. A zombie has ended, though nobody has asked after it yet.
 */
export function startTimeFromProc(pid: number): string | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19]!
}

/** The same without /proc: to the second, and the same text for every asker. */
export function startTimeFromPs(pid: number): string | null {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  // Loading it takes longer than reading a small state, and Linux never needs it.
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  const ps = () =>
    execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  return read(ps)?.trim() || null
}

/** A process of another user may be hidden from us and still be there. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function read(look: () => string): string | null {
  try {
    return look()
  } catch {
    return null
  }
}
