import type { KindName } from '../model/asset.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { Product, StepReport } from '../ports/batch.ts'
import type { Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'
import { factsOf, kindOf, staleUnits } from '../staleness/fold.ts'
import { Agenda } from './agenda.ts'
import { RETRIES } from './backoff.ts'
import { BatchTimeouts, type Later } from './batch-timeouts.ts'
import { batchStep } from './batches.ts'
import { viewKey } from './commit.ts'
import { nextAction } from './next-action.ts'
import { claimsOf, Pools } from './pools.ts'
import { Queue } from './queue.ts'
import { movedAmong, standsOn } from './recheck-inputs.ts'
import { Recorder } from './recorder.ts'
import { Retries } from './retries.ts'
import type { RunState } from './run-state.ts'
import { RunningJobs } from './running-jobs.ts'
import { noOutcome, tookTooLong, undoesDrift } from './step-problems.ts'

export interface LoopOptions {
  readonly runState: RunState
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
  readonly timer: Later
  readonly random: () => number
}

/**
 * Settle what can be decided, collect what may start, hand it to its kind, commit each outcome,
 * repeat. Each turn looks only at nodes whose inputs or gates changed.
 */
export class Loop {
  readonly #options: LoopOptions
  readonly #recorder: Recorder
  readonly #queue: Queue
  readonly #jobs: RunningJobs
  readonly #agenda: Agenda
  readonly #retries: Retries
  readonly #measures = new Set<number>()
  /** Members of a unit that has a stale one are built with it. */
  #shared: ReadonlyMap<string, string>
  #batches = 0
  #stopped: 'no' | 'failed' | 'cancelled' = 'no'
  #wake: () => void = () => {}
  readonly problems: Problem[] = []

  constructor(options: LoopOptions) {
    this.#options = options
    const { runState } = options
    this.#recorder = new Recorder({
      runState,
      lease: options.lease,
      clock: options.site.clock,
      emit: options.emit,
      onFinal: (index) => this.#touchBelow(index),
      onLost: (problems) => {
        this.problems.push(...problems)
        this.#stop('failed')
      },
    })
    this.#agenda = new Agenda(runState)
    this.#retries = new Retries(options.site.clock, options.timer, options.random)
    this.#queue = new Queue(runState, options.kinds, options.durations)
    const pools = new Pools(options.site.project.pools)
    this.#jobs = new RunningJobs(options.warehouseResource !== null, pools, () => this.#wake())
    this.#shared = staleUnits(runState.world, runState.request)
  }

  /** Runs until every node of the run has its last word. */
  async run(): Promise<void> {
    const { later, site } = this.#options
    const onAbort = () => {
      this.#stop('cancelled')
      this.#wake()
    }
    site.signal.addEventListener('abort', onAbort)
    if (site.signal.aborted) onAbort()
    if (later !== null) this.#jobs.start('nothing', [], () => this.#defineLater(later))
    for (;;) {
      await this.#examineDue()
      if (this.#jobs.broken !== undefined) this.#stop('failed')
      if (this.#stopped === 'no') this.#startReady()
      if (!this.#agenda.isEmpty) continue
      if (this.#jobs.running === 0) break
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    site.signal.removeEventListener('abort', onAbort)
    await this.#endRest()
    await this.#recorder.flush()
  }

  /** Nothing begins from now on; what waits to be tried again has waited enough. */
  #stop(why: 'failed' | 'cancelled'): void {
    if (this.#stopped === 'no') this.#stopped = why
    this.#retries.endWaits()
  }

  async #examineDue(): Promise<void> {
    const { runState } = this.#options
    for (const index of this.#agenda.take()) {
      if (runState.phase[index] !== 'waiting' && runState.phase[index] !== 'candidate') continue
      const name = runState.name(index)
      const unit = runState.world.definitions.get(name)?.unit ?? null
      const member = unit === null ? null : (this.#shared.get(unit) ?? null)
      const next = nextAction(runState, index, member === name ? null : member)
      switch (next.next) {
        case 'wait':
          // A check that reads what went stale outside the run has to stand back again.
          this.#queue.withdraw(index)
          runState.phase[index] = 'waiting'
          break
        case 'candidate':
          runState.verdict[index] = next.verdict
          runState.phase[index] = 'candidate'
          this.#queue.offer(index)
          break
        case 'measure':
          this.#measures.add(index)
          break
        case 'finish':
          this.#queue.withdraw(index)
          if (next.outcome?.state === 'failed') await this.#fail(index, next.outcome.problem)
          else {
            runState.finish(index, next.outcome, next.settled, next.stop)
            if (next.verdict !== undefined) runState.verdict[index] = next.verdict
            this.#recorder.announce(index)
            this.#touchBelow(index)
            await this.#recorder.release()
          }
      }
    }
  }

  #touchBelow(index: number): void {
    this.#agenda.addBelow(index)
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
    const { runState, lease, site, emit, timer } = this.#options
    const number = ++this.#batches
    for (const index of indices) {
      this.#recorder.enter(index, number)
      const message = undoesDrift(runState, index)
      if (message !== null) emit({ event: 'notice', message })
    }
    const isLimited = indices.some((index) => this.#limitOf(index) !== null)
    const watch = new BatchTimeouts(site.signal, isLimited, timer)
    const steps = indices.map((index) => batchStep(runState, index))
    const batch = { run: lease.run, number, steps, signal: watch.signal }
    const places = claimsOf(runState, indices).flatMap(({ pools }) => pools)
    this.#jobs.start(kind, places, async (letGo) => {
      const take = async (report: StepReport) => {
        await this.#onReport(report, watch)
        // One step is all that such a call has.
        if (report.step === 'worked' && kind.batches === 'apart') letGo()
      }
      await kind.run(batch, take, site)
      watch.close()
      for (const index of indices) {
        if (watch.isSpared(index)) this.#offerAgain(index)
        else if (!watch.hasEnded(index)) {
          await this.#recorder.fail(index, noOutcome(runState.name(index)))
        }
      }
      await this.#reread(indices)
      await this.#recorder.confirm(indices)
    })
  }

  /** What is below these nodes and was written by somebody else meanwhile is not known any more. */
  async #reread(indices: readonly number[]): Promise<void> {
    const { runState, kinds, site, warehouseResource, emit } = this.#options
    const looking = { kinds, site, isExclusive: warehouseResource !== null }
    for (const index of await movedAmong(runState, standsOn(runState, indices), looking)) {
      runState.forget(index)
      const message = `${runState.name(index)} changed while this run was on: what reads it will be built again`
      emit({ event: 'notice', message })
    }
  }

  async #onReport(report: StepReport, watch: BatchTimeouts): Promise<void> {
    const { runState, site } = this.#options
    const index = runState.world.graph.indexOf(report.name)
    if (index === undefined) throw new Error(`a kind reported ${report.name}, which is no node`)
    switch (report.step) {
      case 'started':
        await this.#recorder.take(index, report)
        watch.begin(index, this.#limitOf(index), site.clock())
        return
      case 'failed':
      case 'cancelled': {
        const late = watch.end(index, site.clock())
        if (late !== null) return this.#fail(index, tookTooLong(runState, index, late, report))
        if (report.step === 'failed') return this.#fail(index, report.problem)
        // The call was ended because of another step of it.
        if (watch.isCut) return watch.spare(index)
        return this.#recorder.take(index, report)
      }
      case 'worked':
        watch.rest(index)
        return
      case 'built':
      case 'checked':
      case 'skipped':
        watch.end(index, site.clock())
        return this.#recorder.take(index, report)
      case 'reference':
      case 'progress':
        return this.#recorder.take(index, report)
    }
  }

  #limitOf(index: number): number | null {
    const { runState } = this.#options
    return runState.world.assets.get(runState.name(index))?.policy.timeout ?? null
  }

  /** A failure is final unless it may pass and the policy has a retry left. */
  async #fail(index: number, problem: Problem): Promise<void> {
    const { runState, failFast, emit } = this.#options
    const retries = runState.world.assets.get(runState.name(index))?.policy.retries ?? RETRIES
    const delay =
      problem.transient === true && this.#stopped === 'no'
        ? this.#retries.delayAfter(index, retries)
        : null
    if (delay === null) {
      await this.#recorder.fail(index, problem)
      if (failFast) this.#stop('failed')
      return
    }
    const seconds = Math.max(1, Math.round(delay / 1000))
    emit({ event: 'notice', message: `${problem.message}; trying again in ${seconds} s` })
    const waited = this.#retries.wait(index, delay)
    this.#jobs.start('nothing', [], async () => {
      await waited
      if (this.#stopped === 'no') this.#offerAgain(index)
      else await this.#recorder.fail(index, problem)
    })
  }

  #offerAgain(index: number): void {
    this.#options.runState.phase[index] = 'candidate'
    this.#agenda.add(index)
  }

  #startMeasures(): void {
    const { runState } = this.#options
    const indices = [...this.#measures]
    this.#measures.clear()
    for (const index of indices) runState.phase[index] = 'running'
    this.#jobs.start('warehouse', [], async () => {
      const measured = await Promise.all(
        indices.map(async (index) => ({ index, product: await this.#measure(index) })),
      )
      await this.#reread(indices)
      for (const { index, product } of measured) {
        if (product !== null)
          await this.#recorder.measured(index, viewKey(runState, index), product)
      }
    })
  }

  /** The content of a view as it stands; null when it failed. */
  async #measure(index: number): Promise<Product | null> {
    const { runState, kinds, site } = this.#options
    const { asset, definition } = factsOf(runState.world, runState.name(index))
    const kind = kinds.get(kindOf(runState.world, index))!
    const product = await kind.measure({ asset, definition: definition! }, site)
    if (product.ok) return product.value
    await this.#recorder.fail(index, product.problems[0]!)
    return null
  }

  #startAdoption(kind: Kind, index: number): void {
    const { runState, site } = this.#options
    this.#recorder.enter(index, ++this.#batches)
    const { asset, definition } = factsOf(runState.world, runState.name(index))
    this.#jobs.start(kind, [], async () => {
      const product = await kind.measure({ asset, definition: definition! }, site)
      if (!product.ok) return this.#fail(index, product.problems[0]!)
      await this.#recorder.adopt(index, product.value)
      await this.#recorder.confirm([index])
    })
  }

  async #defineLater(define: () => Promise<readonly Problem[]>): Promise<void> {
    const { runState } = this.#options
    const problems = await define()
    this.#agenda.extend()
    this.#shared = staleUnits(runState.world, runState.request)
    this.#queue.extend()
    // Each is told once: by a step that it fails, or else at the end.
    const told = new Set<Problem>()
    for (let index = 0; index < runState.world.graph.size; index++) {
      if (runState.phase[index] !== 'waiting' && runState.phase[index] !== 'candidate') continue
      const name = runState.name(index)
      const undefinable =
        index < runState.world.graph.assetCount && !runState.world.definitions.has(name)
      const problem = problems.find((one) => one.asset === name) ?? problems[0]
      if (undefinable && problem !== undefined) {
        told.add(problem)
        this.#queue.withdraw(index)
        await this.#recorder.end(index, { state: 'failed', problem })
      } else this.#agenda.add(index)
    }
    this.problems.push(...problems.filter((problem) => !told.has(problem)))
  }

  /** What never started: cancelled when the run was stopped; otherwise the loop has a bug. */
  async #endRest(): Promise<void> {
    if (this.#jobs.broken !== undefined) throw this.#jobs.broken
    const { runState } = this.#options
    for (const index of runState.world.graph.order) {
      const phase = runState.phase[index]
      if (phase === 'final') continue
      if (this.#stopped === 'no') {
        throw new Error(`the run ended with ${runState.name(index)} still ${phase}`)
      }
      const isIdle = runState.verdict[index]!.state === 'fresh' || !runState.request.inRun(index)
      if (isIdle) runState.finish(index, null)
      else await this.#recorder.end(index, { state: 'cancelled' })
    }
  }
}
