import { leftoverKey } from '../../framework/model/leftover.ts'
import { ok } from '../../framework/model/problem.ts'
import type {
  CheckResult,
  Forced,
  JournalEntry,
  Leftover,
  Materialization,
  RecordedObservation,
} from '../../framework/model/record.ts'
import type { RunDetail } from '../../framework/model/run.ts'
import { indexRecords, RecordTable } from '../../framework/model/tables/record-table.ts'
import type {
  Change,
  Lease,
  LeaseRequest,
  LoggedEvent,
  State,
  Wanted,
} from '../../framework/ports/state.ts'

/** Everything recorded for one target. */
class TargetFacts {
  readonly records = new Map<string, Materialization>()
  readonly checks = new Map<string, CheckResult>()
  readonly journal = new Map<string, JournalEntry>()
  readonly forced = new Map<string, Forced>()
  readonly remembered = new Map<string, Map<string, string>>()
  readonly observed = new Map<string, RecordedObservation>()
  readonly changeTokens = new Map<string, string>()
  readonly durations = new Map<string, number>()
  readonly leftovers = new Map<string, Leftover>()
  /** Replaced records, oldest first. */
  readonly past: Materialization[] = []
}

/**
 * A state in memory, for tests of decisions and runs. It passes the state contract except for two parts:
 * other processes (a lease is never refused, and no run counts as alive) and pruning (nothing is deleted).
 */
export class MemoryState implements State {
  readonly #targets = new Map<string, TargetFacts>()
  readonly #runs: RunDetail[] = []
  readonly #events: { readonly run: number; readonly event: LoggedEvent }[] = []
  /** How far the run of each target is. */
  readonly #progress = new Map<string, { run: number; at: number; text: string }>()
  readonly #clock: () => number
  /** Called after each written change. */
  onChange: (change: Change) => void = () => {}
  /** Called before a write. A test throws here to kill the run between two journal writes. */
  beforeWrite: (changes: readonly Change[]) => void = () => {}

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** The facts of target `local`, for tests that look at them directly. */
  get records(): ReadonlyMap<string, Materialization> {
    return this.#factsOf('local').records
  }

  get checks(): ReadonlyMap<string, CheckResult> {
    return this.#factsOf('local').checks
  }

  get forced(): ReadonlyMap<string, Forced> {
    return this.#factsOf('local').forced
  }

  async snapshot(target = 'local', want: Wanted = 'records') {
    const facts = this.#factsOf(target)
    return ok({
      records: wantedRecords(new Map(facts.records), want),
      checks: new Map(facts.checks),
      journal: new Map(facts.journal),
      forced: new Map(facts.forced),
      remembered: new Map([...facts.remembered].map(([name, keys]) => [name, new Map(keys)])),
      observed: new Map(facts.observed),
      changeTokens: new Map(facts.changeTokens),
      leftovers: new Map(facts.leftovers),
    })
  }

  async acquire(request: LeaseRequest) {
    const { target, command, job } = request
    const run = this.#runs.length + 1
    this.#runs.push({
      run,
      target,
      command,
      job,
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
        // Throws for a change that can't be stored, before any of them is applied.
        JSON.stringify(changes)
        for (const change of changes) {
          this.#apply(target, run, change)
          this.onChange(change)
        }
        return ok(undefined)
      },
      note: (event, progress) => {
        if (event !== null) this.#events.push({ run, event })
        if (progress !== null) this.#progress.set(target, { run, ...progress })
      },
      release: async ({ outcome, counts, savings = null }) => {
        this.#progress.delete(target)
        const finishedAt = this.#clock()
        this.#runs[run - 1] = { ...this.#runs[run - 1]!, finishedAt, outcome, counts, savings }
        return ok(undefined)
      },
    }
    return ok(lease)
  }

  async recordObservations(target: string, changes: readonly Change[]) {
    for (const change of changes) this.#apply(target, 0, change)
    return ok(undefined)
  }

  async runs(target: string, limit: number) {
    const ofTarget = this.#runs.filter((run) => run.target === target)
    return ok(ofTarget.slice(-limit).reverse())
  }

  async run(id: number) {
    return ok(this.#runs[id - 1] ?? null)
  }

  async producer(target: string, asset: string, version: string) {
    const { records, past } = this.#factsOf(target)
    const record = records.get(asset)
    const current = record?.dataVersion === version ? record : null
    if (current !== null && current.how !== 'unchanged') return ok(current)
    const replaced = past.findLast((one) => one.asset === asset && one.dataVersion === version)
    return ok(replaced ?? current)
  }

  async watch(id: number, after: number) {
    const ofRun = this.#events.filter(({ run, event }) => run === id && event.seq > after)
    const found = [...this.#progress.values()].find(({ run }) => run === id)
    const progress = found === undefined ? null : { at: found.at, text: found.text }
    return ok({ events: ofRun.map(({ event }) => event), progress })
  }

  async steps(target: string, name: string, limit: number) {
    const all = this.#runs
      .filter((run) => run.target === target)
      .flatMap(({ run, steps }) => steps.map((step) => ({ run, step })))
    const ofName = all.filter(({ step }) => step.name === name)
    return ok(ofName.slice(-limit).reverse())
  }

  async durations(target: string) {
    return ok(new Map(this.#factsOf(target).durations))
  }

  async close() {}

  #factsOf(target: string): TargetFacts {
    const facts = this.#targets.get(target) ?? new TargetFacts()
    this.#targets.set(target, facts)
    return facts
  }

  #apply(target: string, run: number, change: Change): void {
    const facts = this.#factsOf(target)
    switch (change.change) {
      case 'begin':
        openEntry(facts, run, change, { state: 'begun' })
        return
      case 'failed':
        openEntry(facts, run, change, { state: 'failed', message: change.message })
        return
      case 'cancelled':
        openEntry(facts, run, change, { state: 'cancelled' })
        return
      case 'reference': {
        const entry = facts.journal.get(change.name)
        if (entry !== undefined) {
          facts.journal.set(change.name, { ...entry, reference: change.reference })
        }
        return
      }
      case 'commit':
        commit(facts, change.record)
        return
      case 'checked':
        facts.checks.set(change.result.check, change.result)
        closeEntry(facts, change.result.check)
        return
      case 'force':
        for (const name of change.names) {
          if (facts.forced.get(name) !== 'full_refresh') facts.forced.set(name, change.as)
        }
        return
      case 'remember': {
        const keys = facts.remembered.get(change.asset) ?? new Map<string, string>()
        keys.delete(change.key)
        keys.set(change.key, change.version)
        facts.remembered.set(change.asset, new Map([...keys].slice(-8)))
        return
      }
      case 'position': {
        const record = facts.records.get(change.asset)
        if (record !== undefined) {
          facts.records.set(change.asset, { ...record, source: change.source })
        }
        return
      }
      case 'step':
        this.#step(facts, run, change.step)
        return
      case 'left':
        facts.leftovers.set(leftoverKey(change.leftover), change.leftover)
        return
      case 'not_left':
        facts.leftovers.delete(leftoverKey(change.at))
        return
      case 'observed': {
        const { at } = change.observation
        const now = this.#clock()
        const isNewer = (other: number | undefined) =>
          other !== undefined && other > at && other <= now
        if (isNewer(facts.records.get(change.name)?.finishedAt)) return
        if (isNewer(facts.observed.get(change.name)?.at)) return
        facts.observed.set(change.name, change.observation)
        return
      }
      case 'change_token':
        if (change.token === null) facts.changeTokens.delete(change.subject)
        else facts.changeTokens.set(change.subject, change.token)
    }
  }

  #step(facts: TargetFacts, run: number, step: RunDetail['steps'][number]): void {
    const detail = this.#runs[run - 1]!
    const steps = [...detail.steps, step].sort((a, b) => a.finishedAt - b.finishedAt)
    this.#runs[run - 1] = { ...detail, steps }
    if (step.outcome !== 'built' && step.outcome !== 'unchanged' && step.outcome !== 'checked') {
      return
    }
    facts.durations.set(step.name, (step.finishedAt - step.startedAt) / 1000)
  }
}

/** Records that were not wanted throw when they are read, as in a real state. */
function wantedRecords(records: ReadonlyMap<string, Materialization>, want: Wanted): RecordTable {
  if (want === 'records') return RecordTable.from(records)
  const find = (name: string) => {
    const record = records.get(name)
    if (record !== undefined && !(typeof want === 'object' && want.has(name))) {
      throw new Error(`the record of ${name} was not wanted`)
    }
    return record
  }
  const index = indexRecords([...records.values()])
  return new RecordTable(records.size, () => records.keys(), find, index)
}

/** Opens a journal entry or changes its phase. The reference of an earlier attempt stays. */
function openEntry(
  { journal }: TargetFacts,
  run: number,
  { name, at }: { readonly name: string; readonly at: number },
  phase: JournalEntry['phase'],
): void {
  const reference = journal.get(name)?.reference ?? null
  journal.set(name, { name, run, at, phase, reference })
}

function closeEntry({ journal, forced }: TargetFacts, name: string): void {
  journal.delete(name)
  forced.delete(name)
}

function commit(facts: TargetFacts, record: Materialization): void {
  const before = facts.records.get(record.asset)
  if (before !== undefined && before.dataVersion !== null && before.how !== 'unchanged') {
    facts.past.push(before)
  }
  facts.records.set(record.asset, record)
  closeEntry(facts, record.asset)
  facts.observed.delete(record.asset)
}
