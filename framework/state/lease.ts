import { type Problem, ProblemError, type Result } from '../model/problem.ts'
import type { Clock } from '../ports/site.ts'
import type { Busy, Change, Lease, LeaseRequest } from '../ports/state.ts'
import { applyChange } from './changes.ts'
import { attempt, type Database, type Mode, type Transaction } from './database.ts'
import { HEARTBEAT, isHeld, type Owner, type Processes } from './lease-owner.ts'
import { maintain } from './maintenance.ts'

/** What a state and its leases work with. */
export interface StateContext {
  readonly database: Database
  readonly clock: Clock
  readonly processes: Processes
  /** How long runs and their steps are kept, in milliseconds. */
  readonly history: number
}

/** A row of the table `leases`. */
export interface LeaseRow {
  readonly run: number
  readonly owner: Owner
  readonly since: number
  readonly heartbeat: number
}

/** The lease on a target if its owner is alive, else null. */
export async function liveLease(
  tx: Transaction,
  target: string,
  { clock, processes }: StateContext,
): Promise<LeaseRow | null> {
  const lease = await readLease(tx, target)
  return lease !== null && isHeld(lease, clock(), processes) ? lease : null
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

/** Begins a run, or returns the live run that holds the target. */
export async function acquire(
  context: StateContext,
  request: LeaseRequest,
): Promise<StoredLease | Busy> {
  const { target, command, job } = request
  const now = context.clock()
  const { host, realm, pid, started } = context.processes.self
  const taken = await context.database.transaction('write', async (tx) => {
    const held = await liveLease(tx, target, context)
    if (held !== null) return held
    const [[last]] = (await tx.all<[number]>('select coalesce(max(id), 0) from runs')) as [[number]]
    const run = last + 1
    await tx.run('insert into runs (id, target, command, job, started_at) values (?, ?, ?, ?, ?)', [
      run,
      target,
      command,
      job,
      now,
    ])
    await tx.run('delete from leases where target = ?', [target])
    await tx.run(
      `insert into leases (target, run, host, realm, pid, started, since, heartbeat)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
      [target, run, host, realm, pid, started, now, now],
    )
    return run
  })
  if (typeof taken === 'number') return new StoredLease(context, target, taken)
  const { run, owner, since } = taken
  return { busy: true, run, host: owner.host, pid: owner.pid, since }
}

type RunEnd = Parameters<Lease['release']>[0]

const nothing = async () => {}

/** Resolves after all work that does not wait for I/O. */
const endOfTurn = () => new Promise<void>((resolve) => process.nextTick(resolve))

/**
 * The number of a run is its fencing number: numbers only increase, and the row in `leases` names the one
 * run that may write. A run that takes the lease over changes that row, so the next write of the
 * old owner fails.
 */
export class StoredLease implements Lease {
  readonly busy = false
  readonly run: number
  readonly #context: StateContext
  readonly #target: string
  /** Mode of the last transaction. It is durable if the run built anything. */
  #endMode: Mode = 'write'
  /** Changes requested in this turn of the event loop, and the promise that they are written. */
  #pending: Change[] = []
  #written: Promise<void> | null = null
  /** Null once the lease was released or is known to be lost. */
  #heartbeat: NodeJS.Timeout | null

  constructor(context: StateContext, target: string, run: number) {
    this.#context = context
    this.#target = target
    this.run = run
    // A failed heartbeat is not a problem of the run: the next write reports it.
    this.#heartbeat = setInterval(() => void attempt(() => this.#hold('write')), HEARTBEAT).unref()
  }

  write(changes: readonly Change[]): Promise<Result<void>> {
    return attempt(async () => {
      if (changes.length === 0) return
      this.#pending = this.#pending.length === 0 ? [...changes] : [...this.#pending, ...changes]
      this.#written ??= endOfTurn().then(() => this.#writePending())
      await this.#written
    })
  }

  async release(end: RunEnd): Promise<Result<void>> {
    // Its callers get the error of a failed write.
    await this.#written?.catch(() => {})
    // Maintenance and the end are one transaction, so this run writes nothing after the record snapshot.
    // If maintenance fails, the run ends without it.
    const ended = await attempt(() =>
      this.#end(end, (tx, target) => maintain(tx, target, this.#context)),
    )
    return ended.ok ? ended : attempt(() => this.#end(end))
  }

  /** Deletes the lease without ending the run, which then counts as interrupted. */
  async abandon(): Promise<void> {
    if (this.#heartbeat === null) return
    this.#stopHeartbeat()
    await this.#context.database.transaction('write', (tx) => this.#deleteLease(tx))
  }

  /**
   * Writes all pending changes in one transaction, which waits for the disk only once. Often one step ends
   * and the next begins in the same turn of the event loop.
   */
  async #writePending(): Promise<void> {
    const changes = this.#pending
    this.#pending = []
    this.#written = null
    const mode = needsDisk(changes) ? 'durable' : 'write'
    await this.#hold(mode, async (tx) => {
      const now = this.#context.clock()
      for (const change of changes) await applyChange(tx, this.#target, this.run, change, now)
    })
    if (mode === 'durable') this.#endMode = 'durable'
  }

  async #end(end: RunEnd, work: (tx: Transaction, target: string) => Promise<void> = nothing) {
    await this.#hold(this.#endMode, async (tx) => {
      await tx.run(
        'update runs set finished_at = ?, outcome = ?, counts = ?, balance = ? where id = ?',
        [
          this.#context.clock(),
          end.outcome,
          JSON.stringify(end.counts),
          end.savings === undefined ? null : JSON.stringify(end.savings),
          this.run,
        ],
      )
      await work(tx, this.#target)
      await this.#deleteLease(tx)
    })
    this.#stopHeartbeat()
  }

  #deleteLease(tx: Transaction): Promise<number> {
    return tx.run('delete from leases where target = ? and run = ?', [this.#target, this.run])
  }

  #stopHeartbeat(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    this.#heartbeat = null
  }

  /** One transaction under the lease. It updates the heartbeat first, which fails if the lease is lost. */
  #hold(mode: Mode, work: (tx: Transaction) => Promise<void> = nothing): Promise<void> {
    return this.#context.database.transaction(mode, async (tx) => {
      const held = await tx.run('update leases set heartbeat = ? where target = ? and run = ?', [
        this.#context.clock(),
        this.#target,
        this.run,
      ])
      if (held === 0) {
        this.#stopHeartbeat()
        throw new ProblemError(leaseLost(this.#target, this.run, await readLease(tx, this.#target)))
      }
      await work(tx)
    })
  }
}

/**
 * A lost `commit` only repeats work. A lost `begin` leaves a record that is trusted although the asset was
 * changed, so a `begin` is on the disk before its step starts. So is `force`, which the user requests only
 * once. All writes before them are on the disk as well.
 */
function needsDisk(changes: readonly Change[]): boolean {
  return changes.some(({ change }) => change === 'begin' || change === 'force')
}

function leaseLost(target: string, run: number, current: LeaseRow | null): Problem {
  const takeover =
    current === null
      ? 'another run took it over and has ended'
      : `run ${current.run} on ${current.owner.host} (process ${current.owner.pid}) took it over`
  return {
    code: 'lease-lost',
    message: `run ${run} lost the lease on target ${target}: it sent no heartbeat for a minute, and ${takeover}`,
    hint: 'its later results are not recorded; run the same command again to build the rest',
  }
}
