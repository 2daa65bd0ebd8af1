import { cpus } from 'node:os'
import { run } from '../execute/run.ts'
import { graphOf } from '../graph/graph.ts'
import { removeAbandonedFolders } from '../lib/temporary-folder.ts'
import type { RunEvent } from '../model/event.ts'
import { ok, type Result } from '../model/problem.ts'
import type { Forced } from '../model/record.ts'
import { NO_OUTCOMES } from '../model/step.ts'
import { forecast } from '../plan/estimate.ts'
import { plan } from '../plan/plan.ts'
import { requestOf, type Scope } from '../plan/scope.ts'
import type { Lease, State } from '../ports/state.ts'
import type { PlanReport } from '../report/plan.ts'
import { fold } from '../staleness/fold.ts'
import { type Gathered, gather } from '../staleness/gather.ts'
import type { DefinedProject } from '../staleness/observe.ts'
import type { World } from '../staleness/world.ts'
import { commandLine } from './command-line.ts'
import { type Consent, consentFor } from './consent.ts'
import { type Context, EXIT } from './context.ts'
import { acquire } from './lease.ts'
import type { Output } from './output.ts'
import { overwrites } from './overwrites.ts'
import { placeOf } from './place.ts'
import { refusalOf } from './refusal.ts'
import { askDbt, type Chosen, choose, type SelectArguments, statesOf } from './selecting.ts'
import { defineProject, survey } from './survey.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface MaterializeOptions extends SelectArguments {
  readonly target: string | null
  readonly only: boolean
  readonly dryRun: boolean
  readonly force: boolean
  readonly fullRefresh: boolean
  readonly failFast: boolean
  readonly wait: boolean
  /** Yes to the question of a target that asks. */
  readonly yes: boolean
  readonly threads: number | null
  /** The job that asks, for the history. */
  readonly job: string | null
}

/** `assets materialize`: builds what is stale in the selection and its ancestors. */
export async function materialize(
  context: Context,
  output: Output,
  options: MaterializeOptions,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output)
  if (!opened.ok) return output.tell(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    return await materializeIn(workspace, context, output, options)
  } finally {
    await workspace.close()
  }
}

async function materializeIn(
  workspace: Workspace,
  context: Context,
  output: Output,
  options: MaterializeOptions,
): Promise<number> {
  const state = await workspace.state()
  if (!state.ok) return output.tell(state.problems, EXIT.failed)
  const defined = await defineProject(workspace)
  if (!defined.ok) return output.tell(defined.problems, EXIT.usage)
  const chosen = await chooseScope(workspace, defined.value, options)
  if (!chosen.ok) return output.tell(chosen.problems, EXIT.usage)
  output.warnings(chosen.value.warnings)
  const scope: Scope = { ...chosen.value, only: options.only }

  const place = await placeOf(workspace, context)
  const consent = await consentFor(workspace, place, context, options.yes || options.dryRun)
  // A question comes before the lease, so that one which nobody answers keeps nobody waiting.
  if (options.dryRun || consent.isOpen) {
    const planned = await planOnly(workspace, state.value, defined.value, scope, options)
    if (!planned.ok) return output.tell(planned.problems, EXIT.failed)
    const refused = await refusalOf(workspace, defined.value, planned.value.steps, consent)
    if (refused !== null) return output.tell(refused.problems, refused.code)
    if (options.dryRun) {
      output.plan(planned.value)
      return EXIT.done
    }
  }

  const command = commandOf(options).replace(/^assets /, '')
  const { job, wait } = options
  const lease = await acquire(workspace, state.value, context, output, { command, job, wait })
  if (!lease.ok) return output.tell(lease.problems, EXIT.failed)
  if (lease.value === null) return EXIT.busy
  const asked = { ...options, scope, place, consent }
  return build(workspace, state.value, lease.value, defined.value, context, output, asked)
}

/** What is to be built, where that is, and who may still have to say yes to it. */
interface Asked extends MaterializeOptions {
  readonly scope: Scope
  readonly place: string | null
  readonly consent: Consent
}

/** Everything from the lease on. The run is the lease's until `run` gives it back. */
async function build(
  workspace: Workspace,
  state: State,
  lease: Lease,
  defined: DefinedProject,
  context: Context,
  output: Output,
  options: Asked,
): Promise<number> {
  const { kinds, site } = workspace
  const { scope, place, consent } = options
  const target = site.target.name
  const now = context.clock()
  removeAbandonedFolders(site.home)
  const marked = await mark(lease, scope, options)
  const prepared = marked.ok ? await gatherNow(workspace, state, defined) : marked
  const durations = await state.durations(target)
  if (!prepared.ok || !durations.ok) {
    await lease.release({ outcome: 'failed', counts: NO_OUTCOMES })
    const problems = [prepared, durations].flatMap((one) => (one.ok ? [] : one.problems))
    return output.tell(problems, EXIT.failed)
  }
  const { world } = prepared.value
  const request = requestOf(world.graph, scope, now)
  const decisions = fold(world, request)
  const planned = plan(world, request, decisions, durations.value, defined.together)
  const refused = await refusalOf(workspace, defined, planned.steps, consent)
  if (refused !== null) {
    const outcome = refused.code === EXIT.interrupted ? 'cancelled' : 'failed'
    await lease.release({ outcome, counts: NO_OUTCOMES })
    return output.tell(refused.problems, refused.code)
  }
  if (planned.steps.some((step) => world.assets.get(step.asset)?.kind === 'dbt')) defined.warm()

  const view = output.follow()
  const result = await run({
    gathered: prepared.value,
    defined,
    scope,
    now,
    lease,
    kinds,
    site,
    durations: durations.value,
    emit: (event) => view.take(placed(event, place)),
    failFast: options.failFast,
    threads: options.threads ?? cpus().length,
    steps: planned.steps.length,
    regather: async (more) => {
      const found = await overwrites(workspace, more)
      if (found.length > 0) return found
      const again = await gatherNow(workspace, state, more)
      return again.ok ? again.value : again.problems
    },
    timer: context.later,
    random: context.random,
  })
  await view.end({ fresh: planned.fresh.length, selected: scope.selected })
  if (result.misconfigured) return EXIT.usage
  return result.outcome === 'succeeded' ? EXIT.done : EXIT.failed
}

/** The event, with where the target is where it tells of a run's start. */
function placed(event: RunEvent, place: string | null): RunEvent {
  return event.event === 'run_started' && place !== null ? { ...event, place } : event
}

async function chooseScope(
  workspace: Workspace,
  defined: DefinedProject,
  options: MaterializeOptions,
): Promise<Result<Chosen>> {
  const { project, site } = workspace
  const graph = graphOf(project, defined.checks)
  if (!graph.ok) return graph
  return choose(options, {
    project,
    graph: graph.value,
    definitions: defined.definitions,
    checks: new Map(defined.checks.map((check) => [check.name, check])),
    dbt: () => askDbt(defined, options.dryRun ? 'as_is' : 'make'),
    states: async () => {
      const seen = await survey(workspace, 'online')
      if (!seen.ok) return seen
      const { world } = seen.value.gathered
      const everything = { now: site.clock(), inRun: () => true }
      return ok(statesOf(world, fold(world, everything)))
    },
  })
}

async function gatherNow(
  workspace: Workspace,
  state: State,
  defined: DefinedProject,
): Promise<Result<Gathered>> {
  const { kinds, site } = workspace
  const snapshot = await state.snapshot(site.target.name)
  if (!snapshot.ok) return snapshot
  return gather(defined, snapshot.value, 'online', kinds, site)
}

async function planOnly(
  workspace: Workspace,
  state: State,
  defined: DefinedProject,
  scope: Scope,
  options: MaterializeOptions,
): Promise<Result<PlanReport>> {
  const { site } = workspace
  const gathered = await gatherNow(workspace, state, defined)
  if (!gathered.ok) return gathered
  const durations = await state.durations(site.target.name)
  if (!durations.ok) return durations
  const world = withMarks(gathered.value.world, scope, options)
  const request = requestOf(world.graph, scope, site.clock())
  const planned = plan(world, request, fold(world, request), durations.value, defined.together)
  return ok({
    ...planned,
    ...forecast(world.graph, planned, durations.value, options.threads ?? cpus().length),
    project: site.project.name,
    target: site.target.name,
    command: commandOf(options),
  })
}

/** The world as it would be once `--force` or `--full-refresh` had marked what was named. */
function withMarks(world: World, scope: Scope, options: MaterializeOptions): World {
  const kind = markOf(options)
  if (kind === null) return world
  const marks = new Map(world.state.forced)
  for (const name of scope.selected) marks.set(name, kind)
  return { ...world, state: { ...world.state, forced: marks } }
}

function markOf(options: MaterializeOptions): Forced | null {
  return options.fullRefresh ? 'full_refresh' : options.force ? 'forced' : null
}

/** `--force` and `--full-refresh` mark what was named; a commit clears the mark (SEMANTICS 15). */
async function mark(
  lease: Lease,
  scope: Scope,
  options: MaterializeOptions,
): Promise<Result<void>> {
  const kind = markOf(options)
  if (kind === null) return ok(undefined)
  return lease.write([{ change: 'force', names: [...scope.selected], as: kind }])
}

/** The command line that asks for this, without what is spent after one run (`--force`). */
function commandOf(options: MaterializeOptions): string {
  return options.job === null
    ? commandLine(['materialize', ...options.select], options)
    : commandLine(['run', options.job], { ...options, exclude: [] })
}
