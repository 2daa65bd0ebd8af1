import type { RunEvent, RunOutcome } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { NO_OUTCOMES, type OutcomeCounts } from '../model/step.ts'
import type { Planned } from '../plan/plan.ts'
import type { Site } from '../ports/site.ts'
import type { Lease, StateReader } from '../ports/state.ts'
import type { Warehouse } from '../ports/warehouse.ts'
import type { DefinedProject, Kinds } from '../staleness/define.ts'
import type { Gathered } from '../staleness/gather.ts'
import { observationChanges } from '../staleness/record-observations.ts'
import type { Claiming } from './adopt/claims.ts'
import { adoptClaimed } from './adopt/run.ts'
import type { Timer } from './batch-timeouts.ts'
import { newViews } from './commit.ts'
import { laterPlan } from './define-later.ts'
import { noteFirstBuilds } from './first-builds.ts'
import { Loop } from './loop.ts'
import { kindsOf } from './output-conflicts.ts'
import { settleLeftovers } from './prune.ts'
import { RunEstimates } from './run-estimates.ts'
import { RunLog } from './run-log.ts'
import { savingsOfRun } from './run-savings.ts'
import { RunState } from './run-state.ts'
import { setWords } from './set-words.ts'
import { recordWarehouseToken } from './warehouse-token.ts'

export interface RunInput {
  /** What to execute. Its `now` is the start of the run, for each of its decisions. */
  readonly planned: Planned
  /** What to adopt before the first step; `planned` is then the plan if all of it can be read. */
  readonly claims?: Claiming
  /** What the plan was made from. */
  readonly gathered: Gathered
  readonly defined: DefinedProject
  readonly lease: Lease
  readonly state: StateReader
  readonly kinds: Kinds
  readonly site: Site
  /** Seconds by name, from the history. */
  readonly durations: ReadonlyMap<string, number>
  readonly emit: (event: RunEvent) => void
  readonly failFast: boolean
  /** Drop what moved assets left at their old relations. */
  readonly prune: boolean
  readonly threads: number
  readonly timer: Timer
  readonly random: () => number
}

export interface RunResult {
  readonly outcome: RunOutcome
  readonly counts: OutcomeCounts
  readonly problems: readonly Problem[]
  /** The configuration turned out to be wrong during the run: dbt and the YAML disagree. */
  readonly misconfigured: boolean
}

/** Executes a plan, from its first step to the end of the lease, which is released in any case. */
export async function run(input: RunInput): Promise<RunResult> {
  const { gathered, lease, site, durations } = input
  const { request } = input.planned
  const seconds = new Map<string, number>()
  const log = new RunLog(lease, site.clock)
  const emit = (event: RunEvent) => {
    if (event.event === 'step_finished') seconds.set(event.asset, event.seconds)
    log.take(event)
    input.emit(event)
  }
  const steps = input.planned.plan.steps.length
  emit({ event: 'run_started', run: lease.run, target: site.target.name, at: request.now, steps })

  const recorded = await lease.write(observationChanges(gathered, request))
  const adoption = recorded.ok ? await adoptClaimed(input, emit) : null
  const planned = adoption?.planned ?? input.planned
  const runState = new RunState(planned)
  for (const record of adoption?.records ?? []) {
    runState.adopt(runState.world.graph.indexOf(record.asset)!, record)
  }
  const noted = noteFirstBuilds(runState, planned, lease.run)
  if (recorded.ok && noted.length > 0) await lease.write(noted)
  // A problem of an asset that the run builds is reported by its step, if the step fails with it.
  const ofSteps = gathered.problems.filter(({ asset }) => isWorkedOn(runState, asset))
  for (const problem of gathered.problems) {
    if (!ofSteps.includes(problem)) emit({ event: 'problem', problem })
  }
  const late: Problem[] = recorded.ok ? [] : [...recorded.problems]
  let misconfigured = false
  // A plan without open nodes needs neither loop nor warehouse.
  const works = recorded.ok && hasWork(runState)
  let warehouse = works || hasObserved(gathered) ? await warehouseOf(site) : null
  if (works) {
    const { threads: lanes, timer } = input
    const { clock } = site
    const estimates = new RunEstimates({ runState, durations, lanes, clock, timer, emit })
    const loop = new Loop({
      ...input,
      runState,
      emit: (event) => {
        emit(event)
        estimates.take(event)
      },
      kinds: await kindsOf(site, input.kinds),
      warehouseIsExclusive: warehouse?.resource != null,
      later: laterPlan({ ...input, runState, scope: planned.scope }),
    })
    estimates.look()
    await loop.run().finally(() => estimates.end())
    late.push(...loop.problems)
    misconfigured = loop.misconfigured
  }
  const views = newViews(runState)
  if (recorded.ok && views.length > 0) await lease.write(views)
  if (recorded.ok && late.length === 0) {
    const worded = await setWords(runState, { ...input, emit })
    late.push(...worded.problems)
    if (worded.asked) warehouse ??= await warehouseOf(site)
  }
  for (const problem of ofSteps) {
    if (!hasFailedWith(runState, problem)) emit({ event: 'problem', problem })
  }
  // Before the change token: a drop moves it.
  if (recorded.ok && !site.signal.aborted) {
    const { problems, dropped } = await settleLeftovers({ ...input, runState, emit })
    late.push(...problems)
    if (dropped > 0) warehouse ??= await warehouseOf(site)
  }
  if (recorded.ok && warehouse !== null) await recordWarehouseToken(runState, lease, warehouse)
  for (const problem of late) emit({ event: 'problem', problem })

  const problems = [...gathered.problems, ...late]
  const counts = countOutcomes(runState)
  const outcome = outcomeOf(counts, problems, site.signal.aborted)
  const savings = savingsOfRun(runState, {
    worked: (name) => seconds.get(name),
    saved: (name) => durations.get(name),
  })
  const released = await lease.release({ outcome, counts, savings })
  if (!released.ok) problems.push(...released.problems)
  const total = (site.clock() - request.now) / 1000
  emit({ event: 'run_finished', run: lease.run, outcome, counts, seconds: total })
  return { outcome, counts, problems, misconfigured: misconfigured || hasMistake(runState) }
}

async function warehouseOf(site: Site): Promise<Warehouse | null> {
  const warehouse = site.target.warehouse === null ? null : await site.warehouse()
  return warehouse?.ok ? warehouse.value : null
}

/** Whether something had to be observed, because no change token proved that it did not change. */
function hasObserved({ world }: Gathered): boolean {
  for (const { found } of world.parts.observations.values()) {
    if (found.state === 'present') return true
  }
  return false
}

/** Whether the run still has to build, check or measure something, or to report what it adopted. */
function hasWork(runState: RunState): boolean {
  if (runState.adopted.size > 0) return true
  return runState.phase.some((phase, i) => {
    if (phase === 'final') return false
    const { state } = runState.verdict[i]!
    const isStale = state !== 'fresh' && state !== 'waiting'
    return isStale || runState.settled[i]!.state === 'unsettled'
  })
}

function isWorkedOn(runState: RunState, name: string | undefined): boolean {
  const i = name === undefined ? undefined : runState.world.graph.indexOf(name)
  return i !== undefined && runState.phase[i] !== 'final'
}

function hasFailedWith(runState: RunState, { asset, code }: Problem): boolean {
  const outcome = runState.outcome[runState.world.graph.indexOf(asset ?? '') ?? -1]
  return outcome?.state === 'failed' && outcome.problem.code === code
}

function hasMistake(runState: RunState): boolean {
  return runState.outcome.some((one) => one?.state === 'failed' && one.problem.mistake === true)
}

/** The outcomes of what was asked for; the other members of its units are reported, not counted. */
function countOutcomes(runState: RunState): OutcomeCounts {
  const counts = { ...NO_OUTCOMES }
  runState.outcome.forEach((outcome, i) => {
    if (outcome !== null && runState.request.wasAsked(i)) counts[outcome.state] += 1
  })
  return counts
}

function outcomeOf(
  counts: OutcomeCounts,
  problems: readonly Problem[],
  isAborted: boolean,
): RunOutcome {
  if (isAborted) return 'cancelled'
  return counts.failed + counts.blocked + counts.cancelled + problems.length > 0
    ? 'failed'
    : 'succeeded'
}
