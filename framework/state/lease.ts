import { type Problem, ProblemError, type Result } from '../model/problem.ts'
import { programIn } from '../model/program-reference.ts'
import type {
  Abandoned,
  Busy,
  Change,
  Lease,
  LeaseRequest,
  LoggedEvent,
  Progress,
} from '../ports/state.ts'
import { applyChange } from './changes.ts'
import { attempt, type Mode, type Transaction } from './database.ts'
import { leaseLost } from './lease-lost.ts'
import { HEARTBEAT } from './lease-owner.ts'
import { type LeaseRow, leaseTime, lifeIn, readLease, type StateContext } from './lease-row.ts'
import { maintain } from './maintenance.ts'
import { RunNotes } from './run-notes.ts'
import { decoded, openRows } from './sealed-rows.ts'
import type { JournalRow } from './snapshot.ts'

/** Begins a run, or returns the run that holds the target: a live one, or one that may have left programs. */
export async function acquire(
  context: StateContext,
  request: LeaseRequest,
): Promise<StoredLease | Busy | Abandoned> {
  const { target, command, job, after } = request
  const now = context.clock()
  const { host, realm, pid, started } = context.processes.self
  const taken = await context.database.transaction('write', async (tx) => {
    // A hidden run would have its number used again, and a hidden lease a second run.
    await tx.verify(['runs', 'leases'])
    const found = await readLease(tx, target)
    const life = found === null ? 'dead' : await lifeIn(tx, target, found, context)
    if (found !== null && life !== 'dead') return busy(found, life === 'unsure')
    const diedHere = found !== null && context.processes.isAlive(found.owner) === false
    if (diedHere && found.run !== after) return abandoned(found, await programs(tx, target))
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
    const since = await leaseTime(tx, context)
    await tx.run(
      `insert into leases (target, run, host, realm, pid, started, since, heartbeat)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
      [target, run, host, realm, pid, started, since, since],
    )
    return { run, since }
  })
  return 'busy' in taken ? taken : new StoredLease(context, target, taken)
}

function busy({ run, owner, since }: LeaseRow, isUnsure: boolean): Busy {
  return { busy: true, run, host: owner.host, pid: owner.pid, since, isUnsure }
}

function abandoned(
  { run, owner: { pid, started } }: LeaseRow,
  programs: Abandoned['programs'],
): Abandoned {
  return { busy: 'abandoned', run, owner: { pid, started }, programs }
}

/** The programs of the steps that were begun and not ended. Throws `state-corrupted`. */
async function programs(tx: Transaction, target: string): Promise<Abandoned['programs']> {
  const rows = await openRows<JournalRow>(tx, 'journal', target)
  const begun = rows.filter(([, , , , state]) => state === 'begun')
  return new Map(
    begun.map(([, name, , , , , reference]) => [
      name,
      decoded(tx, `${name} in table journal`, reference, (text) => programIn(JSON.parse(text))),
    ]),
  )
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
  #lastHeartbeat: number
  readonly #notes: RunNotes = new RunNotes(() =>
    attempt(() => this.#hold('write', (tx) => this.#notes.write(tx, this.#target, this.run))),
  )

  constructor(
    context: StateContext,
    target: string,
    { run, since }: Pick<LeaseRow, 'run' | 'since'>,
  ) {
    this.#context = context
    this.#target = target
    this.run = run
    this.#lastHeartbeat = since
    // A failed heartbeat is not a problem of the run: the next write reports it.
    this.#heartbeat = setInterval(() => void attempt(() => this.#hold('write')), HEARTBEAT).unref()
  }

  note(event: LoggedEvent | null, progress: Progress | null): void {
    this.#notes.take(event, progress)
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
      await this.#notes.write(tx, this.#target, this.run)
      await work(tx, this.#target)
      await this.#deleteLease(tx)
    })
    this.#stopHeartbeat()
  }

  #deleteLease(tx: Transaction): Promise<number> {
    return tx.run('delete from leases where target = ? and run = ?', [this.#target, this.run])
  }

  #stopHeartbeat(): void {
    this.#notes.end()
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    this.#heartbeat = null
  }

  /** One transaction under the lease. It updates the heartbeat first, which fails if the lease is lost. */
  async #hold(mode: Mode, work: (tx: Transaction) => Promise<void> = nothing): Promise<void> {
    this.#lastHeartbeat = await this.#context.database.transaction(mode, async (tx) => {
      const now = await leaseTime(tx, this.#context)
      const held = await tx.run('update leases set heartbeat = ? where target = ? and run = ?', [
        now,
        this.#target,
        this.run,
      ])
      if (held === 0) {
        this.#stopHeartbeat()
        throw new ProblemError(await this.#lost(tx))
      }
      await work(tx)
      return now
    })
  }

  /** Another run has the lease now, or none has. */
  async #lost(tx: Transaction): Promise<Problem> {
    const [last] = await tx.all<[number]>(
      'select id from runs where target = ? and id > ? order by id limit 1',
      [this.#target, this.run],
    )
    return leaseLost({
      target: this.#target,
      run: this.run,
      lastHeartbeat: this.#lastHeartbeat,
      current: await readLease(tx, this.#target),
      next: last?.[0] ?? null,
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
