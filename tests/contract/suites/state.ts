import { test } from 'vitest'
import type { Owner } from '../../../framework/lib/process-identity.ts'
import type { Result } from '../../../framework/model/problem.ts'
import type {
  CheckResult,
  Materialization,
  StateSnapshot,
} from '../../../framework/model/record.ts'
import type { StepSummary } from '../../../framework/model/run.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import type {
  Abandoned,
  Busy,
  Change,
  Lease,
  LeaseRequest,
  State,
} from '../../../framework/ports/state.ts'
import type { Processes } from '../../../framework/state/lease-owner.ts'

/** One empty state and the processes that use it. */
export interface StateBed {
  /** Opens the state as another process would: with a separate connection. */
  open(who: { readonly clock: () => number; readonly processes: Processes }): Promise<State>
  /** Removes the state. All opened states are closed by then. */
  remove(): Promise<void>
}

/**
 * Parts of the contract that an implementation for tests may declare as not covered: other processes
 * (leases, and which runs are alive), and pruning of old records and runs.
 */
export type StatePart = 'processes' | 'pruning'

export const TARGET = 'local'
export const START = Date.UTC(2026, 0, 1)
export const MINUTE = 60_000

/** Machines with processes that a test starts and kills, and one clock for all. */
class Machines {
  now = START
  readonly #alive = new Set<string>()

  process(pid: number, realm = 'here'): Processes {
    const self: Owner = { host: `host-${realm}`, realm, pid, started: `${pid}` }
    this.#alive.add(key(self))
    return {
      self,
      isAlive: (owner) => (owner.realm === realm ? this.#alive.has(key(owner)) : null),
      now: () => this.now,
    }
  }

  kill(processes: Processes): void {
    this.#alive.delete(key(processes.self))
  }
}

const key = (owner: Owner) => `${owner.realm}/${owner.pid}`

export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'))
  return result.value
}

export function record(asset: string, change: Partial<Materialization> = {}): Materialization {
  return {
    asset,
    run: 1,
    startedAt: START + 1,
    finishedAt: START + 2,
    codeVersion: 'code-1',
    parts: [],
    inputs: [],
    dataVersion: `c:s/1:${asset}-1`,
    shape: null,
    installed: null,
    rows: null,
    bytes: null,
    token: null,
    source: null,
    reference: null,
    how: 'built',
    ...change,
  }
}

export function checked(check: string, change: Partial<CheckResult> = {}): CheckResult {
  return {
    check,
    run: 1,
    startedAt: START + 1,
    finishedAt: START + 2,
    codeVersion: 'code-1',
    parts: [{ label: 'sql', version: 'p1', file: 'tests/unique.sql' }],
    inputs: [{ name: 'a', version: 'c:s/1:a-1', shape: null }],
    outcome: 'pass',
    failures: 0,
    message: null,
    ...change,
  }
}

export function step(name: string, change: Partial<StepSummary> = {}): StepSummary {
  return {
    name,
    action: 'build',
    outcome: 'built',
    batch: 1,
    startedAt: START,
    finishedAt: START + 1_500,
    rows: 3,
    reasons: [{ reason: 'missing', message: 'never built' }],
    reference: null,
    problem: null,
    note: null,
    ...change,
  }
}

export const SUCCEEDED = { outcome: 'succeeded', counts: NO_OUTCOMES } as const

export const REQUEST = { target: TARGET, command: 'materialize', job: null }

export function leased(got: Lease | Busy | Abandoned): Lease {
  if (got.busy) throw new Error(`${got.busy === true ? 'busy with' : 'after'} run ${got.run}`)
  return got
}

/** A lease of a new run, also after one that was killed. */
export async function leaseOf(state: State, request: LeaseRequest = REQUEST): Promise<Lease> {
  const got = value(await state.acquire(request))
  return got.busy === 'abandoned' ? leaseOf(state, { ...request, after: got.run }) : leased(got)
}

/** An empty state for each test, the first process that has it open, and helpers to use it. */
export class StateRig {
  machines = new Machines()
  readonly #make: () => Promise<StateBed>
  readonly #notCovered: readonly StatePart[]
  #bed!: StateBed
  #opened: State[] = []
  me!: Processes
  state!: State

  constructor(make: () => Promise<StateBed>, notCovered: readonly StatePart[] = []) {
    this.#make = make
    this.#notCovered = notCovered
  }

  /** Declares a test of a part, unless the implementation does not cover it. */
  testOf(part: StatePart, title: string, run: () => Promise<void>): void {
    if (!this.#notCovered.includes(part)) test(title, run)
  }

  async begin(): Promise<void> {
    this.#bed = await this.#make()
    this.machines = new Machines()
    this.#opened = []
    this.me = this.machines.process(100)
    this.state = await this.open(this.me)
  }

  async end(): Promise<void> {
    for (const each of this.#opened) await each.close()
    await this.#bed.remove()
  }

  async open(processes: Processes): Promise<State> {
    const state = await this.#bed.open({ clock: () => this.machines.now, processes })
    this.#opened.push(state)
    return state
  }

  async acquire(from = this.state): Promise<Lease> {
    return leaseOf(from)
  }

  /** A run that writes these changes and succeeds. Returns its number. */
  async run(...changes: Change[]): Promise<number> {
    const lease = await this.acquire()
    value(await lease.write(changes))
    value(await lease.release(SUCCEEDED))
    return lease.run
  }

  async snapshot(from = this.state): Promise<StateSnapshot> {
    return value(await from.snapshot(TARGET))
  }
}
