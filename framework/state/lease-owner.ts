import { isRunning, type Owner, thisProcess } from '../lib/process-identity.ts'

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
  const self = thisProcess()
  return {
    self,
    isAlive: (owner) => (owner.realm === self.realm ? isRunning(owner) : null),
  }
}
