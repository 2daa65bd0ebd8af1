import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { RecordedInput } from '../model/record.ts'
import type { StepSummary } from '../model/run.ts'
import type { Outcome } from '../model/step.ts'
import type { Settled } from '../model/version.ts'
import type { Product, StepReport } from '../ports/batch.ts'
import type { Clock } from '../ports/site.ts'
import type { Change, Lease } from '../ports/state.ts'
import { factsOf, isFullBuild } from '../staleness/fold.ts'
import { mustEndInFull } from '../staleness/full-refresh.ts'
import { type Commit, checkResult, commitAdoption, commitBuild, recordedInputs } from './commit.ts'
import type { RunState } from './run-state.ts'
import { failedCheck } from './step-problems.ts'
import { StepTimes } from './step-times.ts'
import { summaryOf } from './summary.ts'

export interface Recording {
  readonly runState: RunState
  readonly lease: Lease
  readonly clock: Clock
  readonly emit: (event: RunEvent) => void
  /** Called when a node got its last word. */
  readonly onFinal: (index: number) => void
  /** Called once when the state can't be written: the run has to stop. */
  readonly onLost: (problems: readonly Problem[]) => void
}

/** What a commit said of its inputs, and what is still to be written about it. */
interface Written {
  readonly inputs: readonly RecordedInput[]
  readonly remember: readonly Change[]
  readonly amended: (inputs: readonly RecordedInput[]) => readonly Change[]
}

/**
 * Turns what kinds tell into journal entries, records and events, in this order: the journal's begin
 * before the outside is touched, the commit before dependents are released.
 */
export class Recorder {
  readonly #with: Recording
  readonly #spans: StepTimes
  readonly #batch = new Map<number, number>()
  /** Built, and waiting for an input of the same batch to be committed first. */
  readonly #parked = new Map<number, () => Promise<void>>()
  /** Written, and to be confirmed once nothing below is known to have moved meanwhile. */
  readonly #written = new Map<number, Written>()
  readonly #summaries: StepSummary[] = []
  #lost = false

  constructor(recording: Recording) {
    this.#with = recording
    this.#spans = new StepTimes(recording.clock)
  }

  /** Says that a step belongs to a batch; it counts as running from now on. */
  enter(index: number, batch: number): void {
    this.#with.runState.phase[index] = 'running'
    this.#batch.set(index, batch)
  }

  /** Takes one report of a kind. Failures pass through the loop, which may try again. */
  async take(index: number, report: StepReport): Promise<void> {
    this.#spans.hear(index, report)
    switch (report.step) {
      case 'started':
        return this.#begin(index)
      case 'reference':
        await this.#write([{ change: 'reference', name: report.name, reference: report.reference }])
        return
      case 'worked':
        return
      case 'progress':
        this.#with.emit({ event: 'step_progress', asset: report.name, message: report.message })
        return
      case 'built':
        return this.#whenInputsFinal(index, () => this.#built(index, report.product))
      case 'checked':
        return this.#whenInputsFinal(index, () => this.#checked(index, report))
      case 'failed':
        return this.fail(index, report.problem)
      case 'skipped':
        return this.end(index, { state: 'blocked', by: report.by ?? report.name })
      case 'cancelled':
        return this.cancel(index)
    }
  }

  /** A drifted asset was taken as it stands. */
  async adopt(index: number, product: Product): Promise<void> {
    const span = this.#spans.spanOf(index)
    await this.#commit(index, commitAdoption(this.#with.runState, index, product, this.#run, span))
  }

  /** What a view shows under its new key, or that it can't be known. */
  async measured(index: number, key: Settled, product: Product): Promise<void> {
    const { runState } = this.#with
    const asset = runState.name(index)
    const outcome: Outcome | null =
      runState.verdict[index]!.state === 'fresh' ? null : { state: 'released' }
    if (product.version === null || key.state !== 'settled') {
      runState.finish(index, outcome, { state: 'unknown' })
    } else {
      const { version, shape } = product
      await this.#write([{ change: 'remember', asset, key: key.version, version }])
      runState.finish(index, outcome, { state: 'settled', version, shape })
    }
    this.#with.onFinal(index)
    await this.release()
  }

  /**
   * The call that built these is over, and what moved below them meanwhile is forgotten. Records that
   * named a version of it now say that it is unknown; what a view showed is remembered only now.
   */
  async confirm(indices: readonly number[]): Promise<void> {
    const { runState } = this.#with
    const changes: Change[] = []
    for (const index of indices) {
      const written = this.#written.get(index)
      if (written === undefined) continue
      this.#written.delete(index)
      const inputs = recordedInputs(runState, index)
      const isSure = inputs.every(
        ({ version }, at) => version !== null || written.inputs[at]!.version === null,
      )
      changes.push(...(isSure ? written.remember : written.amended(inputs)))
    }
    if (changes.length > 0) await this.#write(changes)
  }

  async fail(index: number, problem: Problem): Promise<void> {
    const { runState, clock } = this.#with
    const name = runState.name(index)
    if (this.#spans.hasBegun(index)) {
      await this.#write([{ change: 'failed', name, at: clock(), message: problem.message }])
    }
    await this.end(index, { state: 'failed', problem })
  }

  async cancel(index: number): Promise<void> {
    const { runState, clock } = this.#with
    if (this.#spans.hasBegun(index)) {
      await this.#write([{ change: 'cancelled', name: runState.name(index), at: clock() }])
    }
    await this.end(index, { state: 'cancelled' })
  }

  /** Gives a node its last word without a record: released, blocked, failed, cancelled. */
  async end(index: number, outcome: Outcome): Promise<void> {
    const { runState } = this.#with
    runState.finish(index, outcome, { state: 'unknown' })
    this.announce(index)
    this.#with.onFinal(index)
    await this.release()
  }

  /** Tells the world how a node ended; `released` and `blocked` ones were never started. */
  announce(index: number): void {
    const { runState, emit } = this.#with
    const outcome = runState.outcome[index]
    if (outcome === null || outcome === undefined) return
    const span = this.#spans.spanOf(index)
    const summary = summaryOf(runState, index, outcome, this.#batch.get(index) ?? 0, span)
    this.#summaries.push(summary)
    const { name: asset, action } = summary
    const seconds = (span.finishedAt - span.startedAt) / 1000
    emit({ event: 'step_finished', asset, action, outcome, seconds })
  }

  /** Writes what is left of the run's history. */
  async flush(): Promise<void> {
    await this.#write([])
  }

  get #run(): number {
    return this.#with.lease.run
  }

  async #begin(index: number): Promise<void> {
    const { runState, emit } = this.#with
    const at = this.#spans.begin(index)
    const name = runState.name(index)
    const verdict = runState.verdict[index]!
    runState.touched.add(index)
    const begin: Change = { change: 'begin', name, at }
    const isUnended =
      !runState.world.graph.isCheck(index) &&
      mustEndInFull(factsOf(runState.world, name), isFullBuild(runState.world, index, verdict))
    await this.#write(
      isUnended ? [{ change: 'force', names: [name], as: 'full_refresh' }, begin] : [begin],
    )
    emit({
      event: 'step_started',
      asset: runState.name(index),
      reasons: verdict.state === 'stale' ? verdict.reasons : [],
      batch: this.#batch.get(index) ?? 0,
    })
  }

  /**
   * A record names its inputs' versions, so it waits for those that the same call builds. It is
   * parked rather than awaited: a kind may be telling of both in turn.
   */
  async #whenInputsFinal(index: number, commit: () => Promise<void>): Promise<void> {
    if (this.#with.runState.inputsFinal(index)) await commit()
    else this.#parked.set(index, commit)
  }

  /** Commits what was parked for an input that has its last word by now. */
  async release(): Promise<void> {
    for (const [index, commit] of this.#parked) {
      if (!this.#with.runState.inputsFinal(index) || !this.#parked.delete(index)) continue
      await commit()
    }
  }

  async #built(index: number, product: Product): Promise<void> {
    const { runState } = this.#with
    const span = this.#spans.spanOf(index)
    await this.#commit(index, commitBuild(runState, index, product, this.#run, span))
  }

  async #commit(index: number, commit: Commit): Promise<void> {
    const { runState } = this.#with
    const { record, remember } = commit
    if (!(await this.#write([{ change: 'commit', record }]))) return this.#lose(index)
    runState.committed.set(index, record)
    this.#written.set(index, {
      inputs: record.inputs,
      remember,
      amended: (inputs) => [{ change: 'commit', record: { ...record, inputs } }],
    })
    runState.finish(index, commit.outcome, commit.settled)
    this.announce(index)
    this.#with.onFinal(index)
    await this.release()
  }

  async #checked(index: number, report: Extract<StepReport, { step: 'checked' }>): Promise<void> {
    const { runState, emit } = this.#with
    const check = runState.world.checks.get(report.name)!
    const { result, failures, problem } = report
    const answer = { outcome: result, failures, message: problem?.message ?? null }
    const answered = checkResult(runState, index, answer, this.#run, this.#spans.spanOf(index))
    if (!(await this.#write([{ change: 'checked', result: answered }]))) return this.#lose(index)
    this.#written.set(index, {
      inputs: answered.inputs,
      remember: [],
      amended: (inputs) => [{ change: 'checked', result: { ...answered, inputs } }],
    })
    emit({
      event: 'check_finished',
      check: report.name,
      assets: check.reads,
      outcome: result,
      failures,
      ...(problem === null ? {} : { problem }),
    })
    const outcome: Outcome =
      result === 'fail'
        ? { state: 'failed', problem: failedCheck(check, failures, problem) }
        : { state: 'checked', result, failures }
    runState.finish(index, outcome)
    this.announce(index)
    this.#with.onFinal(index)
    await this.release()
  }

  /** The commit could not be written, so for the next run this was begun and not finished. */
  #lose(index: number): void {
    this.#with.runState.finish(index, { state: 'cancelled' }, { state: 'unknown' })
    this.#with.onFinal(index)
  }

  /** Writes changes together with the history gathered so far. False when the state is lost. */
  async #write(changes: readonly Change[]): Promise<boolean> {
    if (this.#lost) return false
    const steps = this.#summaries.splice(0).map((step) => ({ change: 'step' as const, step }))
    if (changes.length + steps.length === 0) return true
    const written = await this.#with.lease.write([...changes, ...steps])
    if (written.ok) return true
    this.#lost = true
    this.#with.onLost(written.problems)
    return false
  }
}
