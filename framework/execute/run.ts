import type { KindName } from '../model/asset.ts'
import type { RunEvent, RunOutcome } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { WAREHOUSE_TOKEN } from '../model/record.ts'
import { NO_OUTCOMES, type OutcomeCounts } from '../model/step.ts'
import { requestOf, type Scope } from '../plan/scope.ts'
import type { Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { Lease } from '../ports/state.ts'
import type { Warehouse } from '../ports/warehouse.ts'
import { driftReason } from '../staleness/drift.ts'
import { fold, withUnits } from '../staleness/fold.ts'
import type { Gathered } from '../staleness/gather.ts'
import { type DefinedProject, defineMore, type Kinds } from '../staleness/observe.ts'
import { observationChanges } from '../staleness/record-observations.ts'
import type { Request } from '../staleness/world.ts'
import { newViews } from './commit.ts'
import { Loop } from './loop.ts'
import { savingsOfRun } from './run-savings.ts'
import { RunState } from './run-state.ts'

export interface RunInput {
  readonly gathered: Gathered
  readonly defined: DefinedProject
  readonly scope: Scope
  /** The run's start: `now` for every decision of it. */
  readonly now: number
  readonly lease: Lease
  readonly kinds: Kinds
  readonly site: Site
  readonly durations: ReadonlyMap<string, number>
  readonly emit: (event: RunEvent) => void
  readonly failFast: boolean
  readonly threads: number
  /** Steps that the plan expects, for progress. */
  readonly steps: number
  /** Gathers again once what was undefined is defined: the larger world, and what is wrong with it. */
  readonly regather: (defined: DefinedProject) => Promise<Gathered | readonly Problem[]>
  /** Calls back once after some milliseconds; the answer cancels it. */
  readonly timer: (milliseconds: number, call: () => void) => () => void
  readonly random: () => number
}

export interface RunResult {
  readonly outcome: RunOutcome
  readonly counts: OutcomeCounts
  readonly problems: readonly Problem[]
  /** The configuration turned out wrong in the middle of the run: dbt and the YAML disagree. */
  readonly misconfigured: boolean
}

export { observationChanges as notes }

/** One run, from the first decision to the lease's end. The lease is released whatever happens. */
export async function run(input: RunInput): Promise<RunResult> {
  const { gathered, lease, site, now } = input
  const took = new Map<string, number>()
  const emit = (event: RunEvent) => {
    if (event.event === 'step_finished') took.set(event.asset, event.seconds)
    input.emit(event)
  }
  const asked = requestOf(gathered.world.graph, input.scope, now)
  const request = withUnits(gathered.world, asked)
  const runState = new RunState(gathered.world, request, fold(gathered.world, request))
  emit({
    event: 'run_started',
    run: lease.run,
    target: site.target.name,
    at: now,
    steps: input.steps,
  })
  const problems: Problem[] = [...gathered.problems]
  const isOfStep = ({ asset }: Problem) => asset !== undefined && isOpen(runState, asset)
  const [ofSteps, others] = [
    gathered.problems.filter(isOfStep),
    gathered.problems.filter((problem) => !isOfStep(problem)),
  ]
  for (const problem of others) emit({ event: 'problem', problem })

  const noted = await lease.write(observationChanges(gathered, request))
  const loopProblems: Problem[] = noted.ok ? [] : [...noted.problems]
  let misconfigured = false
  // What is fresh throughout and was proved so needs neither loop nor warehouse.
  const works = noted.ok && hasWork(runState)
  const warehouse = works || hasLooked(gathered) ? await warehouseOf(site) : null
  if (works) {
    const loop = new Loop({
      runState,
      lease,
      kinds: await kindsOf(input),
      site,
      warehouseResource: warehouse?.resource ?? null,
      emit,
      failFast: input.failFast,
      threads: input.threads,
      durations: input.durations,
      later: laterOf(input, runState, (found) => {
        misconfigured = found
      }),
      timer: input.timer,
      random: input.random,
    })
    await loop.run()
    loopProblems.push(...loop.problems)
  }
  const views = newViews(runState)
  if (noted.ok && views.length > 0) await lease.write(views)
  // What a step has failed with was told by it.
  for (const problem of ofSteps) {
    if (!hasFailedWith(runState, problem)) emit({ event: 'problem', problem })
  }
  if (noted.ok && warehouse !== null) await keepGate(runState, lease, warehouse)
  for (const problem of loopProblems) emit({ event: 'problem', problem })
  problems.push(...loopProblems)

  const counts = count(runState, input.scope)
  const outcome = outcomeOf(counts, problems, site.signal.aborted)
  const seconds = (site.clock() - now) / 1000
  const balance = savingsOfRun(runState, asked, {
    worked: (name) => took.get(name),
    spared: (name) => input.durations.get(name),
  })
  const released = await lease.release({ outcome, counts, savings: balance })
  if (!released.ok) problems.push(...released.problems)
  emit({ event: 'run_finished', run: lease.run, outcome, counts, seconds })
  return { outcome, counts, problems, misconfigured: misconfigured || hasMistake(runState) }
}

async function warehouseOf(site: Site): Promise<Warehouse | null> {
  const warehouse = site.target.warehouse === null ? null : await site.warehouse()
  return warehouse?.ok ? warehouse.value : null
}

/** Whether something had to be looked at itself, because no token proved that it had not moved. */
function hasLooked({ world }: Gathered): boolean {
  for (const { found } of world.observations.values()) if (found.state === 'present') return true
  return false
}

/** Whether anything of the run is open. */
function hasWork(runState: RunState): boolean {
  return runState.phase.some((phase, index) => {
    if (phase === 'final') return false
    const { state } = runState.verdict[index]!
    return (
      (state !== 'fresh' && state !== 'waiting') || runState.settled[index]!.state === 'unsettled'
    )
  })
}

/** Whether the run has still to decide about an asset. */
function isOpen(runState: RunState, name: string): boolean {
  const index = runState.world.graph.indexOf(name)
  return index !== undefined && runState.phase[index] !== 'final'
}

function hasFailedWith(runState: RunState, { asset, code }: Problem): boolean {
  const outcome = runState.outcome[runState.world.graph.indexOf(asset ?? '') ?? -1]
  return outcome?.state === 'failed' && outcome.problem.code === code
}

function hasMistake(runState: RunState): boolean {
  return runState.outcome.some((one) => one?.state === 'failed' && one.problem.mistake === true)
}

async function kindsOf(input: RunInput): Promise<ReadonlyMap<KindName, Kind>> {
  const names = new Set(input.site.project.assets.map((asset) => asset.kind))
  const kinds = new Map<KindName, Kind>()
  for (const name of names) kinds.set(name, await input.kinds(name))
  return kinds
}

function laterOf(
  input: RunInput,
  runState: RunState,
  onMisconfigured: (found: boolean) => void,
): (() => Promise<readonly Problem[]>) | null {
  const { later } = input.defined
  const { graph } = runState.world
  const wanted = (name: string) => {
    const index = graph.indexOf(name)
    return index !== undefined && runState.request.inRun(index) && runState.phase[index] !== 'final'
  }
  const undefinedInRun = graph.names.some(
    (name) =>
      !runState.world.definitions.has(name) && runState.world.assets.has(name) && wanted(name),
  )
  if (later === null || !undefinedInRun) return null
  return async () => {
    const { assets } = input.site.project
    const more = defineMore(input.defined, await later.define(), assets)
    if (more.problems.length > 0) {
      // What stands at a line of a file is for its author to mend; a missing Python is not.
      onMisconfigured(more.problems.some((problem) => problem.at !== undefined))
      return more.problems
    }
    const gathered = await input.regather(more)
    if (!('world' in gathered)) {
      onMisconfigured(true)
      return gathered
    }
    const { world } = gathered
    // What this very run has begun meanwhile is not somebody else's.
    const journal = new Map(
      [...world.state.journal].filter(([, entry]) => entry.run !== input.lease.run),
    )
    const wider = { ...world, state: { ...world.state, journal } }
    const request = withUnits(wider, requestOf(wider.graph, input.scope, input.now))
    runState.extend(wider, request, fold(wider, request))
    return gathered.problems
  }
}

/**
 * The warehouse's proof token is kept only when every record is known to match what is there now;
 * else the next command would take an unbuilt drift, or half of a failed build, for proved.
 */
async function keepGate(runState: RunState, lease: Lease, warehouse: Warehouse): Promise<void> {
  const { world } = runState
  const matches = [...world.state.records].every(([name, record]) => {
    const index = world.graph.indexOf(name)
    if (index === undefined || record.shape?.relation == null) return true
    if (isCommitted(runState, index)) return true
    const observation = world.observations.get(name) ?? null
    const wasTouched = runState.touched.has(index)
    return observation !== null && !wasTouched && driftReason(record, observation, null) === null
  })
  const token = matches ? await warehouse.changeToken() : null
  await lease.write([{ change: 'change_token', subject: WAREHOUSE_TOKEN, token }])
}

function isCommitted(runState: RunState, index: number): boolean {
  const state = runState.outcome[index]?.state
  return state === 'built' || state === 'unchanged' || state === 'adopted'
}

/** Outcomes of what was asked for. What a unit brought with it is told, and doesn't count. */
function count(runState: RunState, scope: Scope): OutcomeCounts {
  const { graph } = runState.world
  const asked: Request = requestOf(graph, scope, runState.request.now)
  const counts = { ...NO_OUTCOMES }
  runState.outcome.forEach((outcome, index) => {
    if (outcome !== null && asked.inRun(index)) counts[outcome.state] += 1
  })
  return counts
}

function outcomeOf(
  counts: OutcomeCounts,
  problems: readonly Problem[],
  aborted: boolean,
): RunOutcome {
  if (aborted) return 'cancelled'
  return counts.failed + counts.blocked + counts.cancelled + problems.length > 0
    ? 'failed'
    : 'succeeded'
}
