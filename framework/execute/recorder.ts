import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { RecordedInput } from '../model/record.ts'
import type { StepSummary } from '../model/run.ts'
import type { Outcome } from '../model/step.ts'
import type { Settled, Version } from '../model/version.ts'
import type { Product, StepReport } from '../ports/batch.ts'
import type { Clock } from '../ports/site.ts'
import type { Change, Lease } from '../ports/state.ts'
import { isFullBuild, mustRepeatInFull } from '../staleness/full-refresh.ts'
import { withMoved } from '../staleness/moved-below.ts'
import {
  type Commit,
  checkResult,
  commitAdoption,
  commitBuild,
  leftoverChanges,
  recordedInputs,
  versionsRead,
} from './commit.ts'
import { firstBuildChange } from './first-builds.ts'
import { Rates } from './rates.ts'
import type { RunState } from './run-state.ts'
import { unreadInputs, versionLeft } from './side-writes.ts'
import { failedCheck } from './step-problems.ts'
import { StepTimes } from './step-times.ts'
import { summaryOf } from './summary.ts'

export interface RecorderOptions {
  readonly runState: RunState
  readonly lease: Lease
  readonly clock: Clock
  readonly emit: (event: RunEvent) => void
  /** Called when a node becomes final. */
  readonly onFinal: (i: number) => void
  /** Called once when the state can't be written: the run must stop. */
  readonly onLost: (problems: readonly Problem[]) => void
}

/** A commit whose inputs are still to be confirmed. */
interface Unconfirmed {
  /** As the commit names them. */
  readonly inputs: readonly RecordedInput[]
  /** The versions that the step has read; the commit does not name those of inputs that were in doubt. */
  readonly read: readonly (Version | null)[]
  readonly remember: readonly Change[]
  /** Inputs that it wrote and did not read. */
  readonly unread: ReadonlySet<number>
  /** The commit with other versions of its inputs. */
  readonly withInputs: (inputs: readonly RecordedInput[]) => Change
}

/**
 * Turns the reports of kinds into journal entries, records and events. The journal's begin is written
 * before the first side effect, the commit before dependents are released.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #times: StepTimes
  readonly #rates: Rates
  readonly #batch = new Map<number, number>()
  /** Built steps that wait for the commit of an input of the same batch. */
  readonly #parked = new Map<number, () => Promise<void>>()
  readonly #unconfirmed = new Map<number, Unconfirmed>()
  readonly #summaries: StepSummary[] = []
  #isLost = false

  /** Lists of steps that failed together, of which the first one has ended. */
  readonly #explained = new WeakSet<readonly string[]>()

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#times = new StepTimes(options.clock)
    this.#rates = new Rates(options.clock)
  }

  /** A step belongs to a batch, and is running from now on. */
  enter(i: number, batch: number): void {
    this.#options.runState.phase[i] = 'running'
    this.#batch.set(i, batch)
  }

  /** Takes one report of a kind. Failures come from the loop, which may try again first. */
  async take(i: number, report: StepReport): Promise<void> {
    this.#times.take(i, report)
    switch (report.step) {
      case 'started':
        return this.#begin(i)
      case 'reference':
        await this.#write([{ change: 'reference', name: report.name, reference: report.reference }])
        return
      case 'worked':
        return
      case 'progress':
        this.#progress(i, report)
        return
      case 'note': {
        const { name: asset, message } = report
        this.#options.emit({ event: 'step_note', asset, message })
        return
      }
      case 'built':
        return this.#whenInputsFinal(i, () => this.#built(i, report))
      case 'checked':
        return this.#whenInputsFinal(i, () => this.#checked(i, report))
      case 'failed':
        return this.fail(i, report.problem, report.together)
      case 'skipped':
        return this.end(i, { state: 'blocked', by: report.by ?? report.name })
      case 'cancelled':
        return this.cancel(i)
    }
  }

  /** A drifted asset was adopted. */
  async adopt(i: number, product: Product): Promise<void> {
    const span = this.#times.spanOf(i)
    await this.#commit(i, commitAdoption(this.#options.runState, i, product, this.#run, span))
  }

  /** The content of a fresh view was hashed under its new key. */
  async measured(i: number, key: Settled, product: Product): Promise<void> {
    const { runState } = this.#options
    const asset = runState.name(i)
    const outcome: Outcome | null =
      runState.verdict[i]!.state === 'fresh' ? null : { state: 'released' }
    if (product.version === null || key.state !== 'settled') {
      runState.finish(i, outcome, { state: 'unknown' })
    } else {
      const { version, shape } = product
      await this.#write([{ change: 'remember', asset, key: key.version, version }])
      runState.finish(i, outcome, { state: 'settled', version, shape })
    }
    if (runState.adopted.has(i)) this.announce(i)
    this.#options.onFinal(i)
    await this.releaseParked()
  }

  /**
   * The call that built these is over, and the run state has forgotten the inputs that changed meanwhile.
   * Records that named a version of such an input now name it as unknown; what a step wrote and did not
   * read is named as it is left. The content of a view is remembered only now.
   */
  async confirm(indices: readonly number[]): Promise<void> {
    const changes: Change[] = []
    for (const i of indices) {
      const unconfirmed = this.#unconfirmed.get(i)
      if (unconfirmed === undefined) continue
      this.#unconfirmed.delete(i)
      const inputs = this.#inputsAfterCall(i, unconfirmed.unread)
      const isSo = inputs.every(({ version }, at) => version === unconfirmed.inputs[at]!.version)
      if (!isSo) changes.push(unconfirmed.withInputs(inputs))
      const areAsRead = inputs.every(({ version }, at) => version === unconfirmed.read[at])
      if (areAsRead) changes.push(...unconfirmed.remember)
    }
    if (changes.length > 0) await this.#write(changes)
  }

  #inputsAfterCall(i: number, unread: ReadonlySet<number>): readonly RecordedInput[] {
    const { runState } = this.#options
    return recordedInputs(runState, i).map((input) => {
      const index = runState.world.graph.indexOf(input.name)!
      return unread.has(index) ? { ...input, ...versionLeft(runState, index) } : input
    })
  }

  /** Records what was observed during the run. */
  async observed(changes: readonly Change[]): Promise<void> {
    await this.#write(changes)
  }

  /** `together`: all steps that fail with this problem, the same list for each. The first has it in full. */
  async fail(i: number, problem: Problem, together?: readonly string[]): Promise<void> {
    const { runState, clock } = this.#options
    if (this.#times.hasBegun(i)) {
      const { message } = problem
      await this.#write([{ change: 'failed', name: runState.name(i), at: clock(), message }])
    }
    await this.end(i, this.#failure(problem, together))
  }

  #failure(problem: Problem, together: readonly string[] = []): Outcome {
    if (together.length < 2) return { state: 'failed', problem }
    const isFirst = !this.#explained.has(together)
    this.#explained.add(together)
    if (isFirst) return { state: 'failed', problem, together }
    const { at: _, related: __, detail: ___, hint: ____, ...short } = problem
    return { state: 'failed', problem: short, together: [] }
  }

  async cancel(i: number): Promise<void> {
    const { runState, clock } = this.#options
    if (this.#times.hasBegun(i)) {
      await this.#write([{ change: 'cancelled', name: runState.name(i), at: clock() }])
    }
    await this.end(i, { state: 'cancelled' })
  }

  /** Makes a node final without a record: released, blocked, failed, cancelled. */
  async end(i: number, outcome: Outcome): Promise<void> {
    this.#options.runState.finish(i, outcome, { state: 'unknown' })
    this.announce(i)
    this.#options.onFinal(i)
    await this.releaseParked()
  }

  /** Emits the end of a node; released and blocked ones were never started. */
  announce(i: number): void {
    const { runState, emit } = this.#options
    const outcome = runState.outcome[i]
    if (outcome === null || outcome === undefined) return
    const span = this.#times.spanOf(i)
    const summary = summaryOf(runState, i, outcome, this.#batch.get(i) ?? 0, span)
    this.#summaries.push(summary)
    this.#rates.forget(i)
    const { name: asset, action } = summary
    const seconds = (span.finishedAt - span.startedAt) / 1000
    emit({ event: 'step_finished', asset, action, outcome, seconds })
  }

  /** Commits the parked steps whose inputs are final now. */
  async releaseParked(): Promise<void> {
    for (const [i, commit] of this.#parked) {
      if (!this.#options.runState.inputsFinal(i) || !this.#parked.delete(i)) continue
      await commit()
    }
  }

  /** Writes the rest of the run's history. */
  async flush(): Promise<void> {
    await this.#write([])
  }

  get #run(): number {
    return this.#options.lease.run
  }

  async #begin(i: number): Promise<void> {
    const { runState, emit } = this.#options
    const { world } = runState
    const at = this.#times.begin(i)
    const name = world.name(i)
    const known = { verdicts: runState.verdict, settled: runState.settled }
    const verdict = withMoved(world, known, i, runState.verdict[i]!)
    runState.verdict[i] = verdict
    runState.begun.add(i)
    const begin: Change = { change: 'begin', name, at }
    const isFirstFullBuild =
      !world.graph.isCheck(i) && mustRepeatInFull(world.facts(i), isFullBuild(world, i, verdict))
    await this.#write(
      isFirstFullBuild ? [{ change: 'force', names: [name], as: 'full_refresh' }, begin] : [begin],
    )
    emit({
      event: 'step_started',
      asset: name,
      reasons: verdict.state === 'stale' ? verdict.reasons : [],
      batch: this.#batch.get(i) ?? 0,
      phase: world.graph.isCheck(i) ? 'checking' : 'running',
    })
  }

  /** What a kind reports late, of a step that has ended, is no progress. */
  #progress(i: number, report: Extract<StepReport, { step: 'progress' }>): void {
    const { runState, emit } = this.#options
    if (runState.phase[i] !== 'running') return
    const { name: asset, phase, message, amount } = report
    const measured = amount && { amount: this.#rates.take(i, phase, amount) }
    emit({ event: 'step_progress', asset, phase, message, ...measured })
  }

  /**
   * A record names the versions of its inputs, so it waits for those that the same call builds. It is
   * parked, not awaited, because the kind may report both from one loop.
   */
  async #whenInputsFinal(i: number, commit: () => Promise<void>): Promise<void> {
    if (this.#options.runState.inputsFinal(i)) await commit()
    else this.#parked.set(i, commit)
  }

  async #built(
    i: number,
    { product, unread }: Extract<StepReport, { step: 'built' }>,
  ): Promise<void> {
    const { runState } = this.#options
    const commit = commitBuild(runState, i, product, this.#run, this.#times.spanOf(i))
    await this.#commit(i, commit, unreadInputs(runState, i, unread ?? []))
  }

  async #commit(
    i: number,
    { record, remember, outcome, settled }: Commit,
    unread: ReadonlySet<number> = new Set(),
  ): Promise<void> {
    const { runState } = this.#options
    const moved = leftoverChanges(runState, i, record)
    const begun = runState.firstBuilds.has(i) ? [firstBuildChange(record.asset, null)] : []
    if (!(await this.#write([...moved, ...begun, { change: 'commit', record }])))
      return this.#lose(i)
    runState.committed.set(i, record)
    this.#unconfirmed.set(i, {
      inputs: record.inputs,
      read: versionsRead(runState, i),
      remember,
      unread,
      withInputs: (inputs) => ({ change: 'commit', record: { ...record, inputs } }),
    })
    await this.#finish(i, outcome, settled)
  }

  async #checked(i: number, report: Extract<StepReport, { step: 'checked' }>): Promise<void> {
    const { runState, emit } = this.#options
    const check = runState.world.check(i)
    const { result, failures, problem } = report
    const answer = { outcome: result, failures, message: problem?.message ?? null }
    const checked = checkResult(runState, i, answer, this.#run, this.#times.spanOf(i))
    if (!(await this.#write([{ change: 'checked', result: checked }]))) return this.#lose(i)
    this.#unconfirmed.set(i, {
      inputs: checked.inputs,
      read: versionsRead(runState, i),
      remember: [],
      unread: new Set(),
      withInputs: (inputs) => ({ change: 'checked', result: { ...checked, inputs } }),
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
    await this.#finish(i, outcome)
  }

  async #finish(i: number, outcome: Outcome, settled?: Settled): Promise<void> {
    this.#options.runState.finish(i, outcome, settled)
    this.announce(i)
    this.#options.onFinal(i)
    await this.releaseParked()
  }

  /** The commit could not be written: for the next run, the step was begun and not finished. */
  #lose(i: number): void {
    this.#options.runState.finish(i, { state: 'cancelled' }, { state: 'unknown' })
    this.#options.onFinal(i)
  }

  /** Writes changes, and the history collected so far. False if the state is lost. */
  async #write(changes: readonly Change[]): Promise<boolean> {
    if (this.#isLost) return false
    const steps = this.#summaries.splice(0).map((step) => ({ change: 'step' as const, step }))
    if (changes.length + steps.length === 0) return true
    const written = await this.#options.lease.write([...changes, ...steps])
    if (written.ok) return true
    this.#isLost = true
    this.#options.onLost(written.problems)
    return false
  }
}
