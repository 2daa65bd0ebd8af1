import { Heap } from '../lib/heap.ts'
import type { KindName } from '../model/asset.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { isAdopted } from '../plan/plan.ts'
import type { Kind, StepReport } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'
import { factsOf, inputsOf, kindOf, staleUnits } from '../staleness/fold.ts'
import { keyed } from '../staleness/settle.ts'
import { awaitsOther, batchStep, joinBatch, mayStart, remainingPaths } from './batches.ts'
import { examine } from './examine.ts'
import type { Ledger } from './ledger.ts'
import { Recorder } from './recorder.ts'
import { delayBefore } from './retry.ts'

export interface LoopOptions {
  readonly ledger: Ledger
  readonly lease: Lease
  /** Every kind that this graph may need. */
  readonly kinds: ReadonlyMap<KindName, Kind>
  readonly site: Site
  /** What one process at a time may have of the warehouse, or null when it is shared. */
  readonly warehouseResource: string | null
  readonly emit: (event: RunEvent) => void
  readonly failFast: boolean
  /** How many steps of a kind that builds one by one may run side by side. */
  readonly threads: number
  /** Seconds by name, from history. */
  readonly durations: ReadonlyMap<string, number>
  /** Gives a larger world once slow definitions are in, or the problems that prevent it. */
  readonly later: (() => Promise<readonly Problem[]>) | null
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly random: () => number
}

const BACKOFF = { baseMs: 1_000, capMs: 60_000 }

/**
 * Settle what can be decided, collect what may start, hand it to its kind, commit each outcome,
 * repeat. Each turn looks only at nodes whose inputs or gates changed.
 */
export class Loop {
  readonly #options: LoopOptions
  readonly #recorder: Recorder
  readonly #dirty = new Set<number>()
  readonly #candidates = new Map<KindName, Set<number>>()
  readonly #ready = new Map<KindName, Heap<number>>()
  readonly #queued = new Set<number>()
  readonly #measures = new Set<number>()
  readonly #busyKinds = new Map<KindName, number>()
  readonly #attempts = new Map<number, number>()
  /** Members of a unit that has a stale one are built with it. */
  #shared: ReadonlyMap<string, string>
  #position: Int32Array
  #remaining: Float64Array
  #warehouseBusy = false
  #jobs = 0
  #batches = 0
  #stopping: 'no' | 'failed' | 'cancelled' = 'no'
  #wake: () => void = () => {}
  readonly problems: Problem[] = []

  constructor(options: LoopOptions) {
    this.#options = options
    const { ledger } = options
    this.#recorder = new Recorder({
      ledger,
      lease: options.lease,
      clock: options.site.clock,
      emit: options.emit,
      onFinal: (index) => this.#touchBelow(index),
      onLost: (problems) => {
        this.problems.push(...problems)
        this.#stopping = 'failed'
      },
    })
    this.#shared = staleUnits(ledger.world, ledger.request)
    this.#position = positions(ledger)
    this.#remaining = remainingPaths(ledger, options.durations)
  }

  /** Runs until every node of the run has its last word. */
  async run(): Promise<void> {
    const { ledger, later, site } = this.#options
    const onAbort = () => {
      if (this.#stopping === 'no') this.#stopping = 'cancelled'
      this.#wake()
    }
    site.signal.addEventListener('abort', onAbort)
    if (site.signal.aborted) onAbort()
    for (const index of ledger.world.graph.order) this.#dirty.add(index)
    if (later !== null) this.#job(() => this.#defineLater(later))
    for (;;) {
      await this.#examineDirty()
      if (this.#stopping === 'no') this.#startReady()
      if (this.#dirty.size > 0) continue
      if (this.#jobs === 0) break
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    site.signal.removeEventListener('abort', onAbort)
    await this.#endRest()
    await this.#recorder.flush()
  }

  async #examineDirty(): Promise<void> {
    const { ledger } = this.#options
    // Sets iterate in insertion order and see what is added while they are walked.
    for (const index of this.#dirty) {
      this.#dirty.delete(index)
      if (ledger.phase[index] !== 'waiting' && ledger.phase[index] !== 'candidate') continue
      const name = ledger.name(index)
      const unit = ledger.world.definitions.get(name)?.unit ?? null
      const member = unit === null ? null : (this.#shared.get(unit) ?? null)
      const next = examine(ledger, index, member === name ? null : member)
      switch (next.next) {
        case 'wait':
          break
        case 'candidate':
          ledger.verdict[index] = next.verdict
          ledger.phase[index] = 'candidate'
          this.#offer(index)
          break
        case 'measure':
          this.#measures.add(index)
          break
        case 'finish':
          this.#withdraw(index)
          if (next.outcome?.state === 'failed') await this.#fail(index, next.outcome.problem)
          else {
            ledger.finish(index, next.outcome, next.settled, next.stop)
            this.#recorder.announce(index)
            this.#touchBelow(index)
          }
      }
    }
  }

  #touchBelow(index: number): void {
    const { graph } = this.#options.ledger.world
    for (const reader of graph.readers(index)) this.#dirty.add(reader)
    if (graph.isCheck(index)) for (const gated of graph.gated(index)) this.#dirty.add(gated)
    this.#wake()
  }

  /** Puts a candidate where its kind looks for work. */
  #offer(index: number): void {
    const { ledger, kinds } = this.#options
    const name = kindOf(ledger.world, index)
    if (kinds.get(name)?.batches === 'apart') {
      if (this.#queued.has(index) || !mayStart(ledger, index, NONE)) return
      this.#queued.add(index)
      const heap = this.#ready.get(name) ?? new Heap<number>()
      this.#ready.set(name, heap)
      heap.push(index, this.#remaining[index]!)
    } else {
      const set = this.#candidates.get(name) ?? new Set<number>()
      this.#candidates.set(name, set)
      set.add(index)
    }
  }

  #withdraw(index: number): void {
    this.#candidates.get(kindOf(this.#options.ledger.world, index))?.delete(index)
  }

  #startReady(): void {
    if (this.#measures.size > 0) {
      // First, for it settles what would otherwise wait for a batch of its own.
      if (!this.#warehouseTaken()) this.#startMeasures()
      return
    }
    for (const [name, candidates] of this.#candidates) this.#startTogether(name, candidates)
    for (const [name, heap] of this.#ready) this.#startApart(name, heap)
  }

  #startTogether(name: KindName, candidates: Set<number>): void {
    const { ledger, kinds } = this.#options
    const kind = kinds.get(name)!
    if (candidates.size === 0 || (this.#busyKinds.get(name) ?? 0) > 0) return
    if (kind.uses === 'warehouse' && this.#warehouseTaken()) return
    const inOrder = [...candidates].sort((a, b) => this.#position[a]! - this.#position[b]!)
    const [adopted, built] = this.#splitAdopted(inOrder)
    const batch = joinBatch(ledger, built)
    // Steps that wait for another kind's running batch would need a call of their own right after.
    if (batch.length < built.length && awaitsOther(ledger, built, name)) return
    for (const index of [...adopted, ...batch]) candidates.delete(index)
    for (const index of adopted) this.#startAdoption(kind, index)
    if (batch.length > 0) this.#startBatch(kind, batch)
  }

  #startApart(name: KindName, heap: Heap<number>): void {
    const { ledger, kinds, threads } = this.#options
    const kind = kinds.get(name)!
    while (heap.size > 0 && (this.#busyKinds.get(name) ?? 0) < threads) {
      if (kind.uses === 'warehouse' && this.#warehouseTaken()) return
      const index = heap.pop()!
      this.#queued.delete(index)
      if (ledger.phase[index] !== 'candidate') continue
      if (this.#splitAdopted([index])[0].length > 0) this.#startAdoption(kind, index)
      else this.#startBatch(kind, [index])
    }
  }

  #warehouseTaken(): boolean {
    return this.#options.warehouseResource !== null && this.#warehouseBusy
  }

  #splitAdopted(indices: readonly number[]): [number[], number[]] {
    const { ledger } = this.#options
    const adopted: number[] = []
    const built: number[] = []
    for (const index of indices) {
      const verdict = ledger.verdict[index]!
      const isCheck = ledger.world.graph.isCheck(index)
      const facts = isCheck ? null : factsOf(ledger.world, ledger.name(index))
      const byDefault = facts?.definition?.onDrift ?? 'rebuild'
      const adopts =
        facts !== null &&
        verdict.state === 'stale' &&
        isAdopted(facts.asset, byDefault, verdict.reasons)
      ;(adopts ? adopted : built).push(index)
    }
    return [adopted, built]
  }

  #startBatch(kind: Kind, indices: readonly number[]): void {
    const { ledger, lease, site } = this.#options
    const number = ++this.#batches
    for (const index of indices) this.#recorder.enter(index, number)
    const steps = indices.map((index) => batchStep(ledger, index))
    const batch = { run: lease.run, number, steps }
    this.#job(async () => {
      await kind.run(batch, (report) => this.#onReport(report), site)
      for (const index of indices) {
        if (ledger.phase[index] === 'running' && !this.#recorder.isParked(index)) {
          await this.#recorder.fail(index, noOutcome(ledger.name(index)))
        }
      }
    }, kind)
  }

  async #onReport(report: StepReport): Promise<void> {
    const index = this.#options.ledger.world.graph.indexOf(report.name)
    if (index === undefined) throw new Error(`a kind reported ${report.name}, which is no node`)
    if (report.step === 'failed') return this.#fail(index, report.problem)
    await this.#recorder.take(index, report)
  }

  /** A failure is final unless it may pass and the policy has a retry left. */
  async #fail(index: number, problem: Problem): Promise<void> {
    const { ledger, failFast, random, sleep } = this.#options
    const attempt = (this.#attempts.get(index) ?? 0) + 1
    const retries = ledger.world.assets.get(ledger.name(index))?.policy.retries ?? 0
    const delay =
      problem.transient === true && this.#stopping === 'no'
        ? delayBefore(attempt, { ...BACKOFF, retries }, random)
        : null
    if (delay !== null) {
      this.#attempts.set(index, attempt)
      const seconds = Math.max(1, Math.round(delay / 1000))
      const message = `${problem.message}; trying again in ${seconds} s`
      this.#options.emit({ event: 'step_progress', asset: ledger.name(index), message })
      this.#job(async () => {
        await sleep(delay)
        ledger.phase[index] = 'candidate'
        this.#dirty.add(index)
      })
      return
    }
    await this.#recorder.fail(index, problem)
    if (failFast && this.#stopping === 'no') this.#stopping = 'failed'
  }

  #startMeasures(): void {
    const { ledger, kinds, site } = this.#options
    const indices = [...this.#measures]
    this.#measures.clear()
    for (const index of indices) ledger.phase[index] = 'running'
    const measure = async (index: number) => {
      const { asset, definition, record } = factsOf(ledger.world, ledger.name(index))
      const key = keyed(record!.codeVersion, inputsOf(ledger.world, index, ledger.settled))
      const kind = kinds.get(kindOf(ledger.world, index))!
      const product = await kind.measure({ asset, definition: definition! }, site)
      if (!product.ok) await this.#recorder.fail(index, product.problems[0]!)
      else if (key.state !== 'settled') {
        ledger.finish(index, null, { state: 'unknown' })
        this.#touchBelow(index)
      } else await this.#recorder.remember(index, key.version, product.value)
    }
    this.#job(async () => {
      await Promise.all(indices.map(measure))
    }, WAREHOUSE)
  }

  #startAdoption(kind: Kind, index: number): void {
    const { ledger, site } = this.#options
    this.#recorder.enter(index, ++this.#batches)
    const { asset, definition } = factsOf(ledger.world, ledger.name(index))
    this.#job(async () => {
      const product = await kind.measure({ asset, definition: definition! }, site)
      if (product.ok) await this.#recorder.adopt(index, product.value)
      else await this.#fail(index, product.problems[0]!)
    }, kind)
  }

  async #defineLater(define: () => Promise<readonly Problem[]>): Promise<void> {
    const { ledger } = this.#options
    const problems = await define()
    this.#shared = staleUnits(ledger.world, ledger.request)
    this.#position = positions(ledger)
    this.#remaining = remainingPaths(ledger, this.#options.durations)
    this.problems.push(...problems)
    for (let index = 0; index < ledger.world.graph.size; index++) {
      if (ledger.phase[index] !== 'waiting' && ledger.phase[index] !== 'candidate') continue
      const name = ledger.name(index)
      const undefinable =
        index < ledger.world.graph.assetCount && !ledger.world.definitions.has(name)
      const problem = problems.find((one) => one.asset === name) ?? problems[0]
      if (undefinable && problem !== undefined) {
        this.#withdraw(index)
        await this.#recorder.end(index, { state: 'failed', problem })
      } else this.#dirty.add(index)
    }
  }

  /** Counts work in flight; holds the kind and the warehouse while it lasts. */
  #job(work: () => Promise<void>, kind?: Pick<Kind, 'name' | 'uses'> | typeof WAREHOUSE): void {
    const named = kind !== undefined && 'name' in kind ? kind.name : null
    const holdsWarehouse = kind?.uses === 'warehouse'
    this.#jobs += 1
    if (named !== null) this.#busyKinds.set(named, (this.#busyKinds.get(named) ?? 0) + 1)
    if (holdsWarehouse) this.#warehouseBusy = true
    void work()
      .catch((error: unknown) => {
        this.#broken ??= error
        this.#stopping = 'failed'
      })
      .finally(() => {
        this.#jobs -= 1
        if (named !== null) this.#busyKinds.set(named, this.#busyKinds.get(named)! - 1)
        if (holdsWarehouse) this.#warehouseBusy = false
        this.#wake()
      })
  }

  #broken: unknown

  /** What never started: cancelled when the run was stopped; otherwise the loop has a bug. */
  async #endRest(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    const { ledger } = this.#options
    for (const index of ledger.world.graph.order) {
      const phase = ledger.phase[index]
      if (phase === 'final') continue
      if (this.#stopping === 'no') {
        throw new Error(`the run ended with ${ledger.name(index)} still ${phase}`)
      }
      if (ledger.verdict[index]!.state === 'fresh') ledger.finish(index, null)
      else await this.#recorder.end(index, { state: 'cancelled' })
    }
  }
}

const NONE: ReadonlySet<number> = new Set()
const WAREHOUSE = { uses: 'warehouse' } as const

function positions(ledger: Ledger): Int32Array {
  const { order, size } = ledger.world.graph
  const position = new Int32Array(size)
  for (let at = 0; at < size; at++) position[order[at]!] = at
  return position
}

function noOutcome(name: string): Problem {
  return {
    code: 'no-outcome',
    message: `${name} was asked for and nothing was heard of it`,
    hint: 'run the same command again; if it stays so, report it as a bug',
    asset: name,
  }
}
