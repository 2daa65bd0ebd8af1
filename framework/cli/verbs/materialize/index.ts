import { cpus } from 'node:os'
import { type Adoption, expectedAdoption } from '../../../execute/adopt/adoption.ts'
import { type Claiming, claim } from '../../../execute/adopt/claims.ts'
import { withAdoptions } from '../../../execute/adopt/steps.ts'
import { run } from '../../../execute/run.ts'
import { removeAbandoned } from '../../../lib/temporary-folder.ts'
import type { RunEvent, RunOutcome } from '../../../model/event.ts'
import { ok, type Problem, type Result } from '../../../model/problem.ts'
import type { Forced } from '../../../model/record.ts'
import { NO_OUTCOMES } from '../../../model/step.ts'
import { type Planned, planFor } from '../../../plan/plan.ts'
import type { Scope } from '../../../plan/scope.ts'
import type { Lease, State } from '../../../ports/state.ts'
import { leftoverLines } from '../../../report/leftovers.ts'
import { planReporter } from '../../../report/plan.ts'
import { clocksIn } from '../../../staleness/clock-policy.ts'
import type { DefinedProject } from '../../../staleness/define.ts'
import type { Gathered } from '../../../staleness/gather.ts'
import { clockWarnings, inRunOf } from '../../clock-warnings.ts'
import { commandLine } from '../../command-line.ts'
import { addRun } from '../../completion/runs-file.ts'
import { type Consent, consentFor } from '../../consent.ts'
import { type Context, EXIT, exitCodeFor } from '../../context.ts'
import { destinationOf } from '../../destination.ts'
import { acquire } from '../../lease.ts'
import type { Output } from '../../output.ts'
import { refusalOf } from '../../refusal.ts'
import { type Choosing, type Chosen, choose, type SelectArguments } from '../../selecting.ts'
import { defineAll, defineProject, survey } from '../../survey.ts'
import { withState } from '../../with-state.ts'
import type { Workspace } from '../../workspace.ts'
import { planLeftovers, planReport } from '../plan/index.ts'

export interface MaterializeOptions extends SelectArguments {
  readonly target: string | null
  readonly only: boolean
  readonly dryRun: boolean
  readonly force: boolean
  readonly fullRefresh: boolean
  readonly failFast: boolean
  /** Drop what moved assets left at their old relations. */
  readonly prune: boolean
  /** Record what exists and was never built here, where it is proved or vouched for (SEMANTICS 43). */
  readonly adopt?: boolean
  /** Selects what a person vouches for. */
  readonly vouch?: readonly string[]
  readonly wait: boolean
  /** Answers yes to the question of a target with `confirm: true`. */
  readonly yes: boolean
  readonly threads: number | null
  /** The job that runs it, for the history. */
  readonly job: string | null
}

/** The parts of one `materialize`. */
interface Command {
  readonly workspace: Workspace
  readonly state: State
  readonly defined: DefinedProject
  readonly context: Context
  readonly output: Output
  readonly options: MaterializeOptions
  readonly scope: Scope
  /** The assets that a person vouches for; null without `--adopt`. */
  readonly vouched: ReadonlySet<string> | null
  /** Where the target is, as its warehouse describes it. */
  readonly destination: string | null
  readonly consent: Consent
}

/** `assets materialize`: builds what is stale in the selection and its ancestors. */
export async function materialize(
  context: Context,
  output: Output,
  options: MaterializeOptions,
): Promise<number> {
  const { adopt = false, vouch = [] } = options
  if (vouch.length > 0 && !adopt) return output.fail([VOUCH_ALONE], EXIT.usage)
  return withState(context, output, { target: options.target }, async (workspace, state) => {
    const first = await defineProject(workspace)
    if (!first.ok) return output.fail(first.problems, EXIT.usage)
    // What exists can be compared only with what is defined.
    const defined = adopt ? await defineAll(workspace, first.value) : first
    if (!defined.ok) return output.fail(defined.problems, exitCodeFor(defined.problems))
    const chosen = await choose(options, {
      workspace,
      defined: defined.value,
      mayMakeEnvironment: !options.dryRun,
    })
    if (!chosen.ok) return output.fail(chosen.problems, exitCodeFor(chosen.problems))
    output.warnings(chosen.value.warnings)
    const vouched = await vouchedFor(options, { workspace, defined: defined.value })
    if (!vouched.ok) return output.fail(vouched.problems, exitCodeFor(vouched.problems))
    output.warnings(vouched.value?.warnings ?? [])
    const scope: Scope = { ...chosen.value, only: options.only, purpose: 'run' }
    const destination = await destinationOf(workspace, context)
    const consent = await consentFor(workspace, destination, context, options.yes || options.dryRun)
    const base = { workspace, state, defined: defined.value, context, output, options }
    return planAndBuild({
      ...base,
      scope,
      vouched: vouched.value?.selected ?? null,
      destination,
      consent,
    })
  })
}

const VOUCH_ALONE: Problem = {
  code: 'usage',
  message: '--vouch says what --adopt may record, and --adopt is missing',
  hint: "assets materialize --adopt --vouch '*'",
}

/** What `--vouch` selects; null without `--adopt`. Problems: those of `choose`. */
async function vouchedFor(
  { adopt = false, vouch = [] }: MaterializeOptions,
  choosing: Choosing,
): Promise<Result<Pick<Chosen, 'selected' | 'warnings'> | null>> {
  if (!adopt) return ok(null)
  if (vouch.length === 0) return ok({ selected: new Set(), warnings: [] })
  return choose({ select: vouch, exclude: [] }, choosing)
}

async function planAndBuild(command: Command): Promise<number> {
  const { workspace, state, defined, context, output, options, consent } = command
  // Ask before acquiring the lease, so that an unanswered question does not block other runs.
  if (options.dryRun || consent.isOpen) {
    const prepared = await prepare(command, null)
    if (!prepared.ok) return output.fail(prepared.problems, exitCodeFor(prepared.problems))
    const { planned, claims, durations } = prepared.value
    const drops = await dropsToConfirm(command, planned)
    const refused = await refusalOf(workspace, defined, planned, consent, drops)
    if (refused !== null) return output.fail(refused.problems, refused.code)
    if (options.dryRun) {
      output.warnings(claims?.problems ?? [])
      const lanes = options.threads ?? cpus().length
      const warnings = await output.warn(clockWarnings(workspace, defined, inRunOf(planned)))
      const left = await planLeftovers(workspace, state, planned, 'online')
      if (!left.ok) return output.fail(left.problems, EXIT.failed)
      const leftovers = leftoverLines(left.value, options.prune)
      const vouch = (options.vouch ?? []).flatMap((one) => ['--vouch', one])
      const command = commandOf(options, [
        ...(options.prune ? ['--prune'] : []),
        ...(options.adopt ? ['--adopt', ...vouch] : []),
      ])
      output.show(
        planReporter,
        planReport(workspace, planned, {
          durations,
          lanes,
          command,
          leftovers,
          warnings,
          ...(claims === undefined ? {} : { left: claims.adoption.left }),
        }),
      )
      return EXIT.done
    }
  }
  const { job, wait } = options
  const request = { command: wordsOf(options), job, wait }
  const lease = await acquire(workspace, state, context, output, request)
  if (!lease.ok) return output.fail(lease.problems, EXIT.failed)
  if (lease.value === null) return EXIT.busy
  return build(command, lease.value)
}

/** Everything after the lease was acquired. `run` releases it. */
async function build(command: Command, lease: Lease): Promise<number> {
  const { workspace, state, defined, context, output, options, scope, destination, consent } =
    command
  const { kinds, site } = workspace
  removeAbandoned(site.home)
  const startedAt = site.clock()
  const keep = (outcome: RunOutcome) => {
    const { run } = lease
    const words = wordsOf(options)
    addRun(site.home, site.target.name, { run, startedAt, outcome, command: words })
  }
  const refuse = async (problems: readonly Problem[], code: number) => {
    const outcome = code === EXIT.interrupted ? 'cancelled' : 'failed'
    keep(outcome)
    await lease.release({ outcome, counts: NO_OUTCOMES })
    return output.fail(problems, code)
  }
  const forced = await writeForced(lease, command)
  const prepared = forced.ok ? await prepare(command, site.clock()) : forced
  if (!prepared.ok) return refuse(prepared.problems, EXIT.failed)
  const { planned, claims, gathered, durations } = prepared.value
  const { steps, fresh } = planned.plan
  const drops = await dropsToConfirm(command, planned)
  const refused = await refusalOf(workspace, defined, planned, consent, drops)
  if (refused !== null) return refuse(refused.problems, refused.code)
  const { graph } = planned.world
  defined.warm(new Set(steps.map(({ asset }) => planned.world.kind(graph.indexOf(asset)!))))

  const view = output.follow()
  const warn = (found: Pick<DefinedProject, 'definitions' | 'clocks'>) => {
    for (const problem of clockWarnings(workspace, found, inRunOf(planned))) {
      view.take({ event: 'warning', problem })
    }
  }
  for (const problem of claims?.problems ?? []) view.take({ event: 'warning', problem })
  const result = await run({
    planned,
    ...(claims === undefined ? {} : { claims }),
    gathered,
    defined: warningLater(defined, warn),
    lease,
    state,
    kinds,
    site,
    durations,
    emit: (event) => {
      view.take(withDestination(event, destination))
      if (event.event === 'run_started') warn(defined)
    },
    failFast: options.failFast,
    prune: options.prune,
    threads: options.threads ?? cpus().length,
    timer: context.later,
    random: context.random,
  })
  keep(result.outcome)
  await view.end({ fresh: fresh.length, selected: scope.selected })
  if (result.misconfigured) return EXIT.usage
  return result.outcome === 'succeeded' ? EXIT.done : EXIT.failed
}

/** The number of relations that `--prune` would drop, if a person must be asked. */
async function dropsToConfirm(
  { workspace, state, options, consent }: Command,
  planned: Planned,
): Promise<number> {
  if (!options.prune || !consent.isOpen) return 0
  const left = await planLeftovers(workspace, state, planned, 'online')
  return left.ok ? left.value.filter(({ fate }) => fate.fate === 'drop').length : 0
}

interface Prepared {
  readonly planned: Planned
  /** With `--adopt`: what may be adopted. `planned` is then the plan after that, if all of it can be read. */
  readonly claims?: Claiming & { readonly adoption: Adoption }
  readonly gathered: Gathered
  readonly durations: ReadonlyMap<string, number>
}

/**
 * Gathers and plans. `start`: the start of the run; null without a lease, when another run may commit
 * while this command gathers: the time is then read afterwards, so that no record is dated after it
 * (SEMANTICS 26). Problems: the state can't be read; a cycle.
 */
async function prepare(command: Command, start: number | null): Promise<Result<Prepared>> {
  const { workspace, state, defined, scope, options } = command
  // A job runs every night, mostly with nothing new.
  const look = options.job === null ? 'online' : 'sparing'
  const seen = await survey(workspace, state, defined, { look })
  if (!seen.ok) return seen
  const durations = await state.durations(workspace.site.target.name)
  if (!durations.ok) return durations
  const { gathered } = seen.value
  const { world } = gathered
  // Before the lease, the state does not know yet what `--force` names.
  const as = forcedOf(options)
  const asForced = as === null ? world : world.withForced(scope.selected, as)
  const now = start ?? workspace.site.clock()
  const planned = planFor(asForced, scope, now)
  const base = { gathered, durations: durations.value }
  if (command.vouched === null) return ok({ planned, ...base })
  const { kinds, site } = workspace
  const claiming = await claim(planned, command.vouched, kinds, site)
  const adoption = expectedAdoption({ world: claiming.world, scope, now, claims: claiming.claims })
  return ok({ planned: withAdoptions(adoption), claims: { ...claiming, adoption }, ...base })
}

/** `warn` is called with what is defined during the run, too. */
function warningLater(
  defined: DefinedProject,
  warn: (more: Pick<DefinedProject, 'definitions' | 'clocks'>) => void,
): DefinedProject {
  const { later } = defined
  if (later === null) return defined
  const define: typeof later.define = async (onWait) => {
    const more = await later.define(onWait)
    const { definitions } = more
    warn({ definitions, clocks: clocksIn(definitions.values()) })
    return more
  }
  return { ...defined, later: { ...later, define } }
}

/** Adds the destination to the event that starts a run. */
function withDestination(event: RunEvent, destination: string | null): RunEvent {
  return event.event === 'run_started' && destination !== null
    ? { ...event, place: destination }
    : event
}

function forcedOf(options: MaterializeOptions): Forced | null {
  return options.fullRefresh ? 'full_refresh' : options.force ? 'forced' : null
}

/** Records `--force` and `--full-refresh` for the named assets until a commit (SEMANTICS 15). */
async function writeForced(lease: Lease, { scope, options }: Command): Promise<Result<void>> {
  const as = forcedOf(options)
  if (as === null) return ok(undefined)
  return lease.write([{ change: 'force', names: [...scope.selected], as }])
}

/** The command line as the history shows it. */
const wordsOf = (options: MaterializeOptions) => commandOf(options).replace(/^assets /, '')

/** The command line that repeats this, without options that apply to one run only (`--force`). */
function commandOf(options: MaterializeOptions, more: readonly string[] = []): string {
  return options.job === null
    ? commandLine(['materialize', ...options.select, ...more], options)
    : commandLine(['run', options.job, ...more], { ...options, exclude: [] })
}
