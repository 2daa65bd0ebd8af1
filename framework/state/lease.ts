import { type Problem, ProblemError, type Result } from '../model/problem.ts'
import type { Clock } from '../ports/site.ts'
import type { Busy, Change, Lease, LeaseRequest } from '../ports/state.ts'
import { applyChange } from './changes.ts'
import { attempt, type Database, type Mode, type Transaction } from './database.ts'
import { HEARTBEAT, isHeld, type Owner, type Processes } from './lease-owner.ts'
import { tidy } from './maintenance.ts'

/** What a lease works with. */
export interface StateContext {
  readonly database: Database
  readonly clock: Clock
  readonly processes: Processes
}

/** A lease as it stands in the database. */
export interface LeaseRow {
  readonly run: number
  readonly owner: Owner
  readonly since: number
  readonly heartbeat: number
}

/** The lease on a target if its owner lives; a lease of the dead is none. */
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

/** Begins a run, or says which living run has the target. */
export async function acquire(
  office: StateContext,
  request: LeaseRequest,
): Promise<StoredLease | Busy> {
  const { target, command, job } = request
  const now = office.clock()
  const { host, realm, pid, started } = office.processes.self
  const taken = await office.database.transaction('write', async (tx) => {
    const held = await liveLease(tx, target, office)
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
  if (typeof taken === 'number') return new StoredLease(office, target, taken)
  const { run, owner, since } = taken
  return { busy: true, run, host: owner.host, pid: owner.pid, since }
}

type RunEnd = Parameters<Lease['release']>[0]

const nothing = async () => {}

/** Resolves once all that can go on without waiting for the outside has done so. */
const endOfTurn = () => new Promise<void>((resolve) => process.nextTick(resolve))

/**
 * The number of a run is its fencing number: it only grows, and the row of `leases` names the one
 * run that may write. Whoever takes over changes that row, so the old owner's next write fails,
 * however long it slept.
 */
export class StoredLease implements Lease {
  readonly busy = false
  readonly run: number
  readonly #office: StateContext
  readonly #target: string
  /** What a run has built is on the disk when it says that it ended; one that built nothing need not wait. */
  #ending: Mode = 'write'
  /** What was asked for in this turn of the event loop, and the end of its writing. */
  #asked: Change[] = []
  #written: Promise<void> | null = null
  /** null once the lease was given back or is known to be lost. */
  #beat: NodeJS.Timeout | null

  constructor(office: StateContext, target: string, run: number) {
    this.#office = office
    this.#target = target
    this.run = run
    // A beat that fails is not a problem of the run: the next write will tell.
    this.#beat = setInterval(() => void attempt(() => this.#hold('write')), HEARTBEAT).unref()
  }

  write(changes: readonly Change[]): Promise<Result<void>> {
    return attempt(async () => {
      if (changes.length === 0) return
      this.#asked = this.#asked.length === 0 ? [...changes] : [...this.#asked, ...changes]
      this.#written ??= endOfTurn().then(() => this.#writeAsked())
      await this.#written
    })
  }

  async release(end: RunEnd): Promise<Result<void>> {
    // Whoever asked for it is told what became of it.
    await this.#written?.catch(() => {})
    // A run that could not tidy up has still ended. Both are one transaction, so that nothing is
    // written by this run once the sheets say that they hold all of it.
    const tidied = await attempt(() => this.#end(end, tidy))
    return tidied.ok ? tidied : attempt(() => this.#end(end))
  }

  /** Gives the lease back without an end: the run reads as interrupted. */
  async abandon(): Promise<void> {
    if (this.#beat === null) return
    this.#stop()
    await this.#office.database.transaction('write', (tx) => this.#giveBack(tx))
  }

  /** One step ends and the next begins in one turn: both are in one transaction, and wait for the disk once. */
  async #writeAsked(): Promise<void> {
    const changes = this.#asked
    this.#asked = []
    this.#written = null
    const mode = needsDisk(changes) ? 'durable' : 'write'
    await this.#hold(mode, async (tx) => {
      for (const change of changes) await applyChange(tx, this.#target, this.run, change)
    })
    if (mode === 'durable') this.#ending = 'durable'
  }

  async #end(end: RunEnd, work: (tx: Transaction, target: string) => Promise<void> = nothing) {
    await this.#hold(this.#ending, async (tx) => {
      await tx.run(
        'update runs set finished_at = ?, outcome = ?, counts = ?, balance = ? where id = ?',
        [
          this.#office.clock(),
          end.outcome,
          JSON.stringify(end.counts),
          end.savings === undefined ? null : JSON.stringify(end.savings),
          this.run,
        ],
      )
      await work(tx, this.#target)
      await this.#giveBack(tx)
    })
    this.#stop()
  }

  #giveBack(tx: Transaction): Promise<number> {
    return tx.run('delete from leases where target = ? and run = ?', [this.#target, this.run])
  }

  #stop(): void {
    if (this.#beat !== null) clearInterval(this.#beat)
    this.#beat = null
  }

  /** One transaction under the lease. Each is a heartbeat, and the heartbeat is the fence. */
  #hold(mode: Mode, work: (tx: Transaction) => Promise<void> = nothing): Promise<void> {
    return this.#office.database.transaction(mode, async (tx) => {
      const held = await tx.run('update leases set heartbeat = ? where target = ? and run = ?', [
        this.#office.clock(),
        this.#target,
        this.run,
      ])
      if (held === 0) {
        this.#stop()
        throw new ProblemError(leaseLost(this.#target, this.run, await readLease(tx, this.#target)))
      }
      await work(tx)
    })
  }
}

/**
 * A lost commit is work done twice; a lost `begin` is a record that is trusted though what it
 * describes was touched. So a begin is on the disk before the outside is, and so is what the user
 * asked for once. What was written before is then on the disk as well.
 */
function needsDisk(changes: readonly Change[]): boolean {
  return changes.some(({ change }) => change === 'begin' || change === 'force')
}

function leaseLost(target: string, run: number, taker: LeaseRow | null): Problem {
  const by =
    taker === null
      ? 'another run took it over and has ended since'
      : `run ${taker.run} on ${taker.owner.host} (process ${taker.owner.pid}) took it over`
  return {
    code: 'lease-lost',
    message: `run ${run} lost its right to run on ${target}: it was silent for a minute, and ${by}`,
    hint: 'nothing it did since then was recorded; run the same command again to build what is left',
  }
}
