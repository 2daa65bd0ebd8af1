import type { KindName } from '../model/asset.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { Kind, Product, StepReport } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'
import { factsOf, kindOf, staleUnits } from '../staleness/fold.ts'
import { batchStep } from './batches.ts'
import { viewKey } from './commit.ts'
import { examine } from './examine.ts'
import { Jobs } from './jobs.ts'
import type { Ledger } from './ledger.ts'
import { Queue } from './queue.ts'
import { Recorder } from './recorder.ts'
import { movedAmong, standsOn } from './reread.ts'
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
  readonly #queue: Queue
  readonly #jobs: Jobs
  readonly #dirty = new Set<number>()
  readonly #measures = new Set<number>()
  readonly #attempts = new Map<number, number>()
  /** Failed in passing, and about to be tried again. */
  readonly #held = new Set<number>()
  /** Members of a unit that has a stale one are built with it. */
  #shared: ReadonlyMap<string, string>
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
    this.#queue = new Queue(ledger, options.kinds, options.durations)
    this.#jobs = new Jobs(options.warehouseResource !== null, () => this.#wake())
    this.#shared = staleUnits(ledger.world, ledger.request)
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
    if (later !== null) this.#jobs.start('nothing', () => this.#defineLater(later))
    for (;;) {
      await this.#examineDirty()
      if (this.#jobs.broken !== undefined) this.#stopping = 'failed'
      if (this.#stopping === 'no') this.#startReady()
      if (this.#dirty.size > 0) continue
      if (this.#jobs.running === 0) break
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
          // A check that reads what went stale outside the run has to stand back again.
          this.#queue.withdraw(index)
          ledger.phase[index] = 'waiting'
          break
        case 'candidate':
          ledger.verdict[index] = next.verdict
          ledger.phase[index] = 'candidate'
          this.#queue.offer(index)
          break
        case 'measure':
          this.#measures.add(index)
          break
        case 'finish':
          this.#queue.withdraw(index)
          if (next.outcome?.state === 'failed') await this.#fail(index, next.outcome.problem)
          else {
            ledger.finish(index, next.outcome, next.settled, next.stop)
            if (next.verdict !== undefined) ledger.verdict[index] = next.verdict
            this.#recorder.announce(index)
            this.#touchBelow(index)
            await this.#recorder.release()
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

  #startReady(): void {
    if (this.#measures.size > 0) {
      // First, for it settles what would otherwise wait for a batch of its own.
      if (!this.#jobs.isTaken('warehouse')) this.#startMeasures()
      return
    }
    for (const { kind, adopted, batch } of this.#queue.ready(this.#jobs, this.#options.threads)) {
      for (const index of adopted) this.#startAdoption(kind, index)
      if (batch.length > 0) this.#startBatch(kind, batch)
    }
  }

  #startBatch(kind: Kind, indices: readonly number[]): void {
    const { ledger, lease, site } = this.#options
    const number = ++this.#batches
    for (const index of indices) this.#recorder.enter(index, number)
    const steps = indices.map((index) => batchStep(ledger, index))
    const batch = { run: lease.run, number, steps }
    this.#jobs.start(kind, async () => {
      await kind.run(batch, (report) => this.#onReport(report), site)
      for (const index of indices) {
        const silent = ledger.phase[index] === 'running' && !this.#recorder.isParked(index)
        if (silent && !this.#held.has(index)) {
          await this.#recorder.fail(index, noOutcome(ledger.name(index)))
        }
      }
      await this.#reread(indices)
      await this.#recorder.confirm(indices)
    })
  }

  /** What is below these nodes and was written by somebody else meanwhile is not known any more. */
  async #reread(indices: readonly number[]): Promise<void> {
    const { ledger, kinds, site, warehouseResource, emit } = this.#options
    const looking = { kinds, site, isExclusive: warehouseResource !== null }
    for (const index of await movedAmong(ledger, standsOn(ledger, indices), looking)) {
      ledger.forget(index)
      const message = `${ledger.name(index)} changed while this run was on: what reads it will be built again`
      emit({ event: 'notice', message })
    }
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
      const message = `${ledger.name(index)}: ${problem.message}; trying again in ${seconds} s`
      this.#options.emit({ event: 'notice', message })
      this.#held.add(index)
      this.#jobs.start('nothing', async () => {
        await sleep(delay)
        this.#held.delete(index)
        ledger.phase[index] = 'candidate'
        this.#dirty.add(index)
      })
      return
    }
    await this.#recorder.fail(index, problem)
    if (failFast && this.#stopping === 'no') this.#stopping = 'failed'
  }

  #startMeasures(): void {
    const { ledger } = this.#options
    const indices = [...this.#measures]
    this.#measures.clear()
    for (const index of indices) ledger.phase[index] = 'running'
    this.#jobs.start('warehouse', async () => {
      const measured = await Promise.all(
        indices.map(async (index) => ({ index, product: await this.#measure(index) })),
      )
      await this.#reread(indices)
      for (const { index, product } of measured) {
        if (product !== null) await this.#recorder.measured(index, viewKey(ledger, index), product)
      }
    })
  }

  /** The content of a view as it stands; null when it failed. */
  async #measure(index: number): Promise<Product | null> {
    const { ledger, kinds, site } = this.#options
    const { asset, definition } = factsOf(ledger.world, ledger.name(index))
    const kind = kinds.get(kindOf(ledger.world, index))!
    const product = await kind.measure({ asset, definition: definition! }, site)
    if (product.ok) return product.value
    await this.#recorder.fail(index, product.problems[0]!)
    return null
  }

  #startAdoption(kind: Kind, index: number): void {
    const { ledger, site } = this.#options
    this.#recorder.enter(index, ++this.#batches)
    const { asset, definition } = factsOf(ledger.world, ledger.name(index))
    this.#jobs.start(kind, async () => {
      const product = await kind.measure({ asset, definition: definition! }, site)
      if (!product.ok) return this.#fail(index, product.problems[0]!)
      await this.#recorder.adopt(index, product.value)
      await this.#recorder.confirm([index])
    })
  }

  async #defineLater(define: () => Promise<readonly Problem[]>): Promise<void> {
    const { ledger } = this.#options
    const problems = await define()
    this.#shared = staleUnits(ledger.world, ledger.request)
    this.#queue.extend()
    // Each is told once: by a step that it fails, or else at the end.
    const told = new Set<Problem>()
    for (let index = 0; index < ledger.world.graph.size; index++) {
      if (ledger.phase[index] !== 'waiting' && ledger.phase[index] !== 'candidate') continue
      const name = ledger.name(index)
      const undefinable =
        index < ledger.world.graph.assetCount && !ledger.world.definitions.has(name)
      const problem = problems.find((one) => one.asset === name) ?? problems[0]
      if (undefinable && problem !== undefined) {
        told.add(problem)
        this.#queue.withdraw(index)
        await this.#recorder.end(index, { state: 'failed', problem })
      } else this.#dirty.add(index)
    }
    this.problems.push(...problems.filter((problem) => !told.has(problem)))
  }

  /** What never started: cancelled when the run was stopped; otherwise the loop has a bug. */
  async #endRest(): Promise<void> {
    if (this.#jobs.broken !== undefined) throw this.#jobs.broken
    const { ledger } = this.#options
    for (const index of ledger.world.graph.order) {
      const phase = ledger.phase[index]
      if (phase === 'final') continue
      if (this.#stopping === 'no') {
        throw new Error(`the run ended with ${ledger.name(index)} still ${phase}`)
      }
      const isIdle = ledger.verdict[index]!.state === 'fresh' || !ledger.request.inRun(index)
      if (isIdle) ledger.finish(index, null)
      else await this.#recorder.end(index, { state: 'cancelled' })
    }
  }
}

function noOutcome(name: string): Problem {
  return {
    code: 'no-outcome',
    message: `${name} was asked for and nothing was heard of it`,
    hint: 'run the same command again; if it stays so, report it as a bug',
    asset: name,
  }
}
