import { ok } from '../../framework/model/problem.ts'
import type {
  CheckResult,
  Forced,
  JournalEntry,
  Materialization,
  RecordedObservation,
} from '../../framework/model/record.ts'
import type { RunDetail } from '../../framework/model/run.ts'
import type { Change, Lease, LeaseRequest, State } from '../../framework/ports/state.ts'
import { buildRecordTable } from '../../framework/state/build-record-table.ts'

/** State in memory, for tests of what decides and runs. One target, no contention. */
export class MemoryState implements State {
  readonly records = new Map<string, Materialization>()
  readonly checks = new Map<string, CheckResult>()
  readonly journal = new Map<string, JournalEntry>()
  readonly marks = new Map<string, Forced>()
  readonly remembered = new Map<string, Map<string, string>>()
  readonly observed = new Map<string, RecordedObservation>()
  readonly gates = new Map<string, string>()
  readonly history: Materialization[] = []
  readonly #runs: RunDetail[] = []
  readonly #clock: () => number
  /** Called after each change that was written. */
  onChange: (change: Change) => void = () => {}
  /** Every change in the order in which it was written. */
  readonly log: Change[] = []
  /** Called before a write; a test throws here to kill the run between two journal writes. */
  beforeWrite: (changes: readonly Change[]) => void = () => {}

  constructor(clock: () => number) {
    this.#clock = clock
  }

  async snapshot() {
    const remembered = new Map([...this.remembered].map(([name, keys]) => [name, new Map(keys)]))
    return ok({
      records: new Map(this.records),
      recordTable: buildRecordTable([...this.records.values()]),
      checks: new Map(this.checks),
      journal: new Map(this.journal),
      forced: new Map(this.marks),
      remembered,
      observed: new Map(this.observed),
      changeTokens: new Map(this.gates),
    })
  }

  async acquire(request: LeaseRequest) {
    const run = this.#runs.length + 1
    this.#runs.push({
      run,
      target: request.target,
      command: request.command,
      job: request.job,
      startedAt: this.#clock(),
      finishedAt: null,
      outcome: 'running',
      counts: {},
      savings: null,
      steps: [],
    })
    const lease: Lease = {
      busy: false,
      run,
      write: async (changes) => {
        this.beforeWrite(changes)
        for (const change of changes) {
          this.#apply(run, change)
          this.onChange(change)
        }
        return ok(undefined)
      },
      release: async ({ outcome, counts, savings: balance = null }) => {
        const detail = this.#runs[run - 1]!
        this.#runs[run - 1] = {
          ...detail,
          finishedAt: this.#clock(),
          outcome,
          counts,
          savings: balance,
        }
        return ok(undefined)
      },
    }
    return ok(lease)
  }

  async recordObservations(_target: string, notes: readonly Change[]) {
    for (const note of notes) this.#apply(0, note)
    return ok(undefined)
  }

  async runs(_target: string, limit: number) {
    return ok(this.#runs.slice(-limit).reverse())
  }

  async run(id: number) {
    return ok(this.#runs[id - 1] ?? null)
  }

  async producer(_target: string, asset: string, version: string) {
    const found = this.history.findLast((one) => one.asset === asset && one.dataVersion === version)
    return ok(found ?? null)
  }

  async durations() {
    const seconds = this.history.map(
      (one) => [one.asset, (one.finishedAt - one.startedAt) / 1000] as const,
    )
    return ok(new Map(seconds))
  }

  async close() {}

  #apply(run: number, change: Change): void {
    this.log.push(change)
    switch (change.change) {
      case 'begin':
        this.journal.set(change.name, {
          name: change.name,
          run,
          at: change.at,
          phase: { state: 'begun' },
          reference: this.journal.get(change.name)?.reference ?? null,
        })
        return
      case 'reference':
        this.journal.set(change.name, {
          ...this.journal.get(change.name)!,
          reference: change.reference,
        })
        return
      case 'commit':
        this.records.set(change.record.asset, change.record)
        this.history.push(change.record)
        this.journal.delete(change.record.asset)
        this.marks.delete(change.record.asset)
        this.observed.delete(change.record.asset)
        return
      case 'checked':
        this.checks.set(change.result.check, change.result)
        this.journal.delete(change.result.check)
        this.marks.delete(change.result.check)
        return
      case 'failed':
        this.#phase(change.name, { state: 'failed', message: change.message })
        return
      case 'cancelled':
        this.#phase(change.name, { state: 'cancelled' })
        return
      case 'force':
        for (const name of change.names) {
          if (this.marks.get(name) !== 'full_refresh') this.marks.set(name, change.as)
        }
        return
      case 'remember': {
        const keys = this.remembered.get(change.asset) ?? new Map<string, string>()
        keys.delete(change.key)
        keys.set(change.key, change.version)
        this.remembered.set(change.asset, new Map([...keys].slice(-8)))
        return
      }
      case 'position': {
        const record = this.records.get(change.asset)
        if (record !== undefined) {
          this.records.set(change.asset, { ...record, source: change.source })
        }
        return
      }
      case 'step': {
        const detail = this.#runs[run - 1]!
        this.#runs[run - 1] = { ...detail, steps: [...detail.steps, change.step] }
        return
      }
      case 'observed': {
        const { at } = change.observation
        if ((this.records.get(change.name)?.finishedAt ?? at) > at) return
        if ((this.observed.get(change.name)?.at ?? at) > at) return
        this.observed.set(change.name, change.observation)
        return
      }
      case 'change_token':
        if (change.token === null) this.gates.delete(change.subject)
        else this.gates.set(change.subject, change.token)
    }
  }

  #phase(name: string, phase: JournalEntry['phase']): void {
    const entry = this.journal.get(name)
    if (entry !== undefined) this.journal.set(name, { ...entry, phase })
  }
}
