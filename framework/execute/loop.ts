import type { KindName } from '../model/asset.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { OnWait, Product, SideWrite, StepReport } from '../ports/batch.ts'
import type { Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'
import { observationChange } from '../staleness/record-observations.ts'
import { staleUnits } from '../staleness/units.ts'
import { Agenda } from './agenda.ts'
import { batchStarted, waitsOf } from './batch-events.ts'
import { BatchTimeouts, type Timer } from './batch-timeouts.ts'
import { batchStep } from './batches.ts'
import { viewKey } from './commit.ts'
import type { LaterPlan } from './define-later.ts'
import { nextAction } from './next-action.ts'
import { claimsOf, Pools } from './pools.ts'
import { Queue } from './queue.ts'
import { inputsBelow, recheck } from './recheck-inputs.ts'
import { Recorder } from './recorder.ts'
import { DEFAULT_RETRIES, Retries } from './retries.ts'
import type { RunState } from './run-state.ts'
import { RunningJobs } from './running-jobs.ts'
import { type Touched, touchedBy } from './side-writes.ts'
import { changedMeanwhile, noOutcome, timeoutProblem, undoesDrift } from './step-problems.ts'

export interface LoopOptions {
  readonly runState: RunState
  readonly lease: Lease
  /** Every kind that the project has assets of. */
  readonly kinds: ReadonlyMap<KindName, Kind>
  readonly site: Site
  /** Whether only one process at a time may open the warehouse. */
  readonly warehouseIsExclusive: boolean
  readonly emit: (event: RunEvent) => void
  readonly failFast: boolean
  /** The number of steps that run in parallel, for kinds whose calls take one step. */
  readonly threads: number
  /** Seconds by name, from the history. */
  readonly durations: ReadonlyMap<string, number>
  /** Plans again once slow definitions are known. */
  readonly later: ((onWait: OnWait) => Promise<LaterPlan>) | null
  readonly timer: Timer
  readonly random: () => number
}

/**
 * Repeats: decide the nodes that are due, collect those that may start, hand them to their kinds, commit
 * the outcomes. A node is due when one of its inputs or gates is final.
 */
export class Loop {
  readonly #options: LoopOptions
  readonly #recorder: Recorder
  readonly #queue: Queue
  readonly #jobs: RunningJobs
  readonly #agenda: Agenda
  readonly #retries: Retries
  /** Views whose content is to be hashed. */
  readonly #toMeasure = new Set<number>()
  /** A stale member of each unit that has one: the whole unit is built with it. */
  #staleUnits: ReadonlyMap<string, number>
  #batches = 0
  #stopped: 'no' | 'failed' | 'cancelled' = 'no'
  /** Calls that failed as a whole, of which a notice said that they are tried again: their lists of steps. */
  readonly #retried = new WeakSet<readonly string[]>()
  #wake: () => void = () => {}
  readonly problems: Problem[] = []
  /** The configuration turned out to be wrong during the run. */
  misconfigured = false

  constructor(options: LoopOptions) {
    this.#options = options
    const { runState } = options
    this.#recorder = new Recorder({
      runState,
      lease: options.lease,
      clock: options.site.clock,
      emit: options.emit,
      onFinal: (i) => this.#addBelow(i),
      onLost: (problems) => {
        this.problems.push(...problems)
        this.#stop('failed')
      },
    })
    this.#agenda = new Agenda(runState)
    this.#retries = new Retries(options.site.clock, options.timer, options.random)
    this.#queue = new Queue(runState, options.kinds, options.durations)
    const pools = new Pools(options.site.project.pools)
    this.#jobs = new RunningJobs(options.warehouseIsExclusive, pools, () => this.#wake())
    this.#staleUnits = staleUnits(runState.world, runState.request)
  }

  /** Runs until every node of the run is final. */
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
      await this.#decideDue()
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

  /** Starts nothing from now on, and ends the waits for another try. */
  #stop(why: 'failed' | 'cancelled'): void {
    if (this.#stopped === 'no') this.#stopped = why
    this.#retries.endWaits()
  }

  async #decideDue(): Promise<void> {
    const { runState } = this.#options
    for (const i of this.#agenda.take()) {
      if (!runState.isOpen(i)) continue
      const action = nextAction(runState, i, this.#sharedWith(i))
      switch (action.next) {
        case 'wait':
          // A candidate goes back if it is a check whose input became stale outside the run.
          this.#queue.withdraw(i)
          runState.phase[i] = 'waiting'
          break
        case 'candidate':
          runState.verdict[i] = action.verdict
          runState.phase[i] = 'candidate'
          this.#queue.offer(i)
          break
        case 'measure':
          this.#toMeasure.add(i)
          break
        case 'finish':
          this.#queue.withdraw(i)
          if (action.outcome?.state === 'failed') await this.#fail(i, action.outcome.problem)
          else {
            runState.finish(i, action.outcome, action.settled, action.blocker)
            if (action.verdict !== undefined) runState.verdict[i] = action.verdict
            this.#recorder.announce(i)
            this.#addBelow(i)
            await this.#recorder.releaseParked()
          }
      }
    }
  }

  /** The stale member of a node's unit, if it is another node. */
  #sharedWith(i: number): string | null {
    const { world } = this.#options.runState
    const unit = world.definition(i)?.unit ?? null
    const member = unit === null ? undefined : this.#staleUnits.get(unit)
    return member === undefined || member === i ? null : world.name(member)
  }

  #addBelow(i: number): void {
    this.#agenda.addBelow(i)
    this.#wake()
  }

  #startReady(): void {
    if (this.#toMeasure.size > 0) {
      // First, because it can settle nodes before the next batch is collected.
      if (!this.#jobs.isTaken('warehouse')) this.#startMeasures()
      return
    }
    for (const { kind, adopted, batch } of this.#queue.ready(this.#jobs, this.#options.threads)) {
      for (const i of adopted) this.#startAdoption(kind, i)
      if (batch.length > 0) this.#startBatch(kind, batch)
    }
  }

  #startBatch(kind: Kind, indices: readonly number[]): void {
    const { runState, lease, site, emit, timer } = this.#options
    const number = ++this.#batches
    for (const i of indices) {
      this.#recorder.enter(i, number)
      const message = undoesDrift(runState, i)
      if (message !== null) emit({ event: 'notice', message })
    }
    const isLimited = indices.some((i) => this.#timeoutOf(i) !== null)
    const timeouts = new BatchTimeouts(site.signal, isLimited, timer)
    const members = new Set(indices)
    const steps = indices.map((i) => batchStep(runState, i, members))
    const sideWrites: SideWrite[] = []
    const onSideWrite = (write: SideWrite) => {
      sideWrites.push(write)
      for (const i of touchedBy(runState, indices, [write]).keys()) runState.doubted.add(i)
    }
    const onWait = waitsOf(number, emit)
    const batch = { run: lease.run, number, steps, signal: timeouts.signal, onSideWrite, onWait }
    emit(batchStarted(runState, kind, number, indices))
    const slots = claimsOf(runState, indices).flatMap(({ pools }) => pools)
    this.#jobs.start(kind, slots, async (release) => {
      const take = async (report: StepReport) => {
        await this.#onReport(report, timeouts)
        // The call has only this step.
        if (report.step === 'worked' && kind.batches === 'apart') release()
      }
      await kind.run(batch, take, site)
      onWait(null)
      timeouts.close()
      for (const i of indices) {
        if (timeouts.isToRepeat(i)) this.#offerAgain(i)
        else if (!timeouts.hasEnded(i)) {
          await this.#recorder.fail(i, noOutcome(runState.name(i)))
        }
      }
      const touched = touchedBy(runState, indices, sideWrites)
      await this.#recheckInputs(indices, touched)
      await this.#recorder.confirm(indices)
      await this.#recordTouched(touched)
    })
  }

  /**
   * Forgets the versions of the inputs of these nodes that changed during the call, and of what its side
   * writes changed.
   */
  async #recheckInputs(
    indices: readonly number[],
    touched: ReadonlyMap<number, Touched> = new Map(),
  ): Promise<void> {
    const { runState, kinds, site, warehouseIsExclusive, emit } = this.#options
    const options = { kinds, site, isExclusive: warehouseIsExclusive }
    const inputs = inputsBelow(runState, indices)
    const { moved, observed } = await recheck(runState, inputs, touched, options)
    runState.touch(observed)
    for (const i of moved) {
      runState.forget(i)
      const message = changedMeanwhile(runState, i, touched.get(i), inputs.includes(i))
      if (message !== null) emit({ event: 'notice', message })
    }
    // What the run was about to build on top of has other content now.
    for (const i of observed.keys()) if (runState.isOpen(i)) this.#agenda.add(i)
  }

  /** After the commits of the call, which would delete these observations. */
  async #recordTouched(touched: ReadonlyMap<number, Touched>): Promise<void> {
    const { runState } = this.#options
    const { now } = runState.request
    const changes = [...touched.keys()].flatMap((i) => {
      const observation = runState.touched.get(i)
      if (observation == null) return []
      const facts = { ...runState.facts(i), observation }
      return observationChange(facts, observation.at, runState.request.inRun(i) ? now : null)
    })
    await this.#recorder.observed(changes)
  }

  async #onReport(report: StepReport, timeouts: BatchTimeouts): Promise<void> {
    const { runState, site } = this.#options
    const i = runState.world.graph.indexOf(report.name)
    if (i === undefined) throw new Error(`a kind reported ${report.name}, which is not a node`)
    switch (report.step) {
      case 'started':
        await this.#recorder.take(i, report)
        timeouts.begin(i, this.#timeoutOf(i), site.clock())
        return
      case 'failed':
      case 'cancelled': {
        const timedOut = timeouts.end(i, site.clock())
        if (timedOut !== null) return this.#fail(i, timeoutProblem(runState, i, timedOut, report))
        if (report.step === 'failed') return this.#fail(i, report.problem, report.together)
        // Another step of the call exceeded its limit.
        if (timeouts.isExceeded) return timeouts.repeat(i)
        return this.#recorder.take(i, report)
      }
      case 'worked':
        timeouts.stopClock(i)
        return
      case 'built':
      case 'checked':
      case 'skipped':
        timeouts.end(i, site.clock())
        return this.#recorder.take(i, report)
      case 'reference':
      case 'progress':
      case 'note':
        return this.#recorder.take(i, report)
    }
  }

  #timeoutOf(i: number): number | null {
    const { world } = this.#options.runState
    return world.graph.isCheck(i) ? null : world.asset(i).policy.timeout
  }

  #retriesOf(i: number): number {
    const { world } = this.#options.runState
    return (world.graph.isCheck(i) ? null : world.asset(i).policy.retries) ?? DEFAULT_RETRIES
  }

  /** A failure is final unless it is transient and the policy has a try left. */
  async #fail(i: number, problem: Problem, together?: readonly string[]): Promise<void> {
    const { failFast, emit } = this.#options
    const delay =
      problem.transient === true && this.#stopped === 'no'
        ? this.#retries.delayAfter(i, this.#retriesOf(i))
        : null
    if (delay === null) {
      await this.#recorder.fail(i, problem, together)
      if (failFast) this.#stop('failed')
      return
    }
    const seconds = Math.max(1, Math.round(delay / 1000))
    if (together === undefined || !this.#retried.has(together)) {
      emit({ event: 'notice', message: `${problem.message}; trying again in ${seconds} s` })
    }
    if (together !== undefined) this.#retried.add(together)
    const waited = this.#retries.wait(i, delay)
    this.#jobs.start('nothing', [], async () => {
      await waited
      if (this.#stopped === 'no') this.#offerAgain(i)
      else await this.#recorder.fail(i, problem, together)
    })
  }

  #offerAgain(i: number): void {
    this.#options.runState.phase[i] = 'candidate'
    this.#agenda.add(i)
  }

  #startMeasures(): void {
    const { runState } = this.#options
    const indices = [...this.#toMeasure]
    this.#toMeasure.clear()
    for (const i of indices) runState.phase[i] = 'running'
    this.#jobs.start('warehouse', [], async () => {
      const measured = await Promise.all(
        indices.map(async (i) => ({ i, product: await this.#measure(i) })),
      )
      await this.#recheckInputs(indices)
      for (const { i, product } of measured) {
        if (product !== null) await this.#recorder.measured(i, viewKey(runState, i), product)
      }
    })
  }

  /** The content of a view now; null if it failed. */
  async #measure(i: number): Promise<Product | null> {
    const { runState, kinds, site } = this.#options
    const asset = runState.world.asset(i)
    const definition = runState.world.definition(i)!
    const product = await kinds.get(asset.kind)!.measure({ asset, definition }, site)
    if (product.ok) return product.value
    await this.#recorder.fail(i, product.problems[0]!)
    return null
  }

  #startAdoption(kind: Kind, i: number): void {
    const { runState, site } = this.#options
    this.#recorder.enter(i, ++this.#batches)
    const asset = runState.world.asset(i)
    const definition = runState.world.definition(i)!
    this.#jobs.start(kind, [], async () => {
      const product = await kind.measure({ asset, definition }, site)
      if (!product.ok) return this.#fail(i, product.problems[0]!)
      await this.#recorder.adopt(i, product.value)
      await this.#recorder.confirm([i])
    })
  }

  async #defineLater(define: (onWait: OnWait) => Promise<LaterPlan>): Promise<void> {
    const { runState, emit } = this.#options
    const onWait = waitsOf(0, emit)
    const { planned, problems, misconfigured } = await define(onWait)
    onWait(null)
    this.misconfigured = misconfigured
    // In one turn of the event loop: nothing may start from the old plan.
    if (planned !== null) {
      runState.extend(planned)
      this.#agenda.extend()
      this.#queue.extend()
      this.#staleUnits = staleUnits(runState.world, runState.request)
    }
    // Each problem is reported once: by a step that fails with it, or else at the end.
    const failed = new Map<Problem, string[]>()
    const { graph } = runState.world
    const problemOf = (i: number): Problem | undefined => {
      const isUndefined = !graph.isCheck(i) && runState.world.definition(i) === null
      if (!isUndefined) return undefined
      return problems.find((one) => one.asset === runState.name(i)) ?? problems[0]
    }
    for (let i = 0; i < graph.size; i++) {
      const problem = runState.isOpen(i) && runState.request.inRun(i) ? problemOf(i) : undefined
      if (problem === undefined) continue
      failed.set(problem, [...(failed.get(problem) ?? []), runState.name(i)])
    }
    for (let i = 0; i < graph.size; i++) {
      if (!runState.isOpen(i)) continue
      const problem = problemOf(i)
      if (problem === undefined) this.#agenda.add(i)
      else if (runState.request.inRun(i)) {
        this.#queue.withdraw(i)
        // The problem of one asset is told in full there.
        const together = problem.asset === undefined ? failed.get(problem) : undefined
        await this.#recorder.fail(i, problem, together)
      } else {
        runState.finish(i, null, { state: 'unknown' })
        this.#addBelow(i)
      }
    }
    this.problems.push(...problems.filter((problem) => !failed.has(problem)))
  }

  /** Nodes that never started are cancelled if the run was stopped; otherwise the loop has a bug. */
  async #endRest(): Promise<void> {
    if (this.#jobs.broken !== undefined) throw this.#jobs.broken
    const { runState } = this.#options
    for (const i of runState.world.graph.order) {
      const phase = runState.phase[i]
      if (phase === 'final') continue
      if (this.#stopped === 'no') {
        throw new Error(`the run ended with ${runState.name(i)} still ${phase}`)
      }
      const isIdle = runState.verdict[i]!.state === 'fresh' || !runState.request.inRun(i)
      if (isIdle) {
        runState.finish(i, null)
        this.#recorder.announce(i)
      } else await this.#recorder.end(i, { state: 'cancelled' })
    }
  }
}
