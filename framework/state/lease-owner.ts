import { isRunning, type Owner, thisProcess } from '../lib/process-identity.ts'

/** This process, and whether other processes are alive. Replaced in tests. */
export interface Processes {
  readonly self: Owner
  /** Null when it can't be determined from here, for example for a process of another machine. */
  isAlive(owner: Owner): boolean | null
  /** Replaces every clock of leases, in tests. Milliseconds since the epoch. */
  readonly now?: () => number
}

/** An owner in another realm counts as dead after this long without a heartbeat, in milliseconds. */
export const OWNER_TIMEOUT = 60_000
/** Milliseconds between two heartbeats of the holder of a lease. */
export const HEARTBEAT = 10_000

/** The heartbeats of a lease, as a process that waits for it sees them. */
export interface Watch {
  readonly run: number
  readonly heartbeat: number
  /** When it saw this heartbeat first, by a clock that is never set: milliseconds. */
  readonly since: number
  /** Whether it saw an earlier one. */
  readonly hasMoved: boolean
}

type Beat = { readonly run: number; readonly heartbeat: number }

/** `unsure`: it shows within a minute, to who watches. */
export type Life = 'alive' | 'dead' | 'unsure'

/** The watch after another look at the lease. `tick`: the time of that clock. */
export function watched(watch: Watch | undefined, { run, heartbeat }: Beat, tick: number): Watch {
  if (watch?.run === run && watch.heartbeat === heartbeat) return watch
  return { run, heartbeat, since: tick, hasMoved: watch?.run === run }
}

/**
 * Whether the owner of a lease in another realm is alive: the age of its heartbeat decides. A heartbeat that is
 * dated in the future has no age, because a clock was set back. Then it is alive while its heartbeats go on, and
 * dead if none came for as long.
 */
export function lifeElsewhere({ heartbeat }: Beat, now: number, watch: Watch, tick: number): Life {
  const age = now - heartbeat
  if (age >= 0) return age < OWNER_TIMEOUT ? 'alive' : 'dead'
  if (tick - watch.since >= OWNER_TIMEOUT) return 'dead'
  return watch.hasMoved ? 'alive' : 'unsure'
}

/** The processes of this machine. */
export function localProcesses(): Processes {
  const self = thisProcess()
  return {
    self,
    isAlive: (owner) => (owner.realm === self.realm ? isRunning(owner) : null),
  }
}
