import type { Owner } from '../lib/process-identity.ts'
import type { Clock } from '../ports/site.ts'
import type { Database, Transaction } from './database.ts'
import { type Life, lifeElsewhere, type Processes, type Watch, watched } from './lease-owner.ts'

/** What a state and its leases work with. */
export interface StateContext {
  readonly database: Database
  readonly clock: Clock
  readonly processes: Processes
  /** What this process has seen of the leases of others, by target. */
  readonly watches: Map<string, Watch>
  /** How long runs and their steps are kept, in milliseconds. */
  readonly history: number
}

/** A row of the table `leases`. `since` and `heartbeat` are of the clock of `leaseTime`. */
export interface LeaseRow {
  readonly run: number
  readonly owner: Owner
  readonly since: number
  readonly heartbeat: number
}

/** The lease on a target; null if there is none, or its owner is dead. */
export async function liveLease(
  tx: Transaction,
  target: string,
  context: StateContext,
): Promise<LeaseRow | null> {
  const lease = await readLease(tx, target)
  return lease !== null && (await lifeIn(tx, target, lease, context)) !== 'dead' ? lease : null
}

/**
 * Whether the owner of a lease is alive. In the same realm the process table decides, so the run of a suspended
 * laptop is alive. In other realms its heartbeats do.
 */
export async function lifeIn(
  tx: Transaction,
  target: string,
  lease: LeaseRow,
  context: StateContext,
): Promise<Life> {
  const { processes, watches } = context
  const isAlive = processes.isAlive(lease.owner)
  if (isAlive !== null) return isAlive ? 'alive' : 'dead'
  const tick = processes.now?.() ?? performance.now()
  const watch = watched(watches.get(target), lease, tick)
  watches.set(target, watch)
  return lifeElsewhere(lease, await leaseTime(tx, context), watch, tick)
}

/**
 * The time of leases: the server's, so that a client whose clock is wrong neither takes a live lease over nor
 * blocks others (SEMANTICS 48). A state in a file has the clock of this machine.
 */
export async function leaseTime(
  tx: Transaction,
  { clock, processes }: Pick<StateContext, 'clock' | 'processes'>,
): Promise<number> {
  return processes.now?.() ?? (await tx.serverTime()) ?? clock()
}

export async function readLease(tx: Transaction, target: string): Promise<LeaseRow | null> {
  const [row] = await tx.all<[number, string, string, number, string, number, number]>(
    'select run, host, realm, pid, started, since, heartbeat from leases where target = ?',
    [target],
  )
  if (row === undefined) return null
  const [run, host, realm, pid, started, since, heartbeat] = row
  return { run, owner: { host, realm, pid, started }, since, heartbeat }
}
