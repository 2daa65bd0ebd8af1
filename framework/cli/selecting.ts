import { graphOf } from '../graph/graph.ts'
import { NodeSet } from '../graph/node-set.ts'
import type { StateFacts } from '../graph/selection/facts.ts'
import { needsDbt, needsState } from '../graph/selection/needs.ts'
import { parseSelection } from '../graph/selection/parse.ts'
import { select } from '../graph/selection/select.ts'
import { type DbtGraph, NO_DBT } from '../model/dbt-facts.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { type Planned, planFor } from '../plan/plan.ts'
import { everything } from '../plan/scope.ts'
import { asGate } from '../staleness/check-waivers.ts'
import type { DefinedProject } from '../staleness/define.ts'
import type { World } from '../staleness/world.ts'
import { survey } from './survey.ts'
import type { Workspace } from './workspace.ts'

/** The selection arguments of a verb, as typed. */
export interface SelectArguments {
  readonly select: readonly string[]
  readonly exclude: readonly string[]
}

export interface Chosen {
  readonly selected: ReadonlySet<string>
  readonly excluded: ReadonlySet<string>
  readonly warnings: readonly Problem[]
}

/** What a selection is evaluated over. */
export interface Choosing {
  readonly workspace: Workspace
  readonly defined: DefinedProject
  /** The world in which `state:` is evaluated; by default it is gathered when needed. */
  readonly world?: World
  /** Evaluate `state:` as if every asset were fresh, for a command that only looks for mistakes. */
  readonly stateless?: boolean
  /** The selection is one of several, so that it may select nothing. */
  readonly mayBeEmpty?: boolean
  /** Whether dbt's Python environment may be created to evaluate one of dbt's methods. */
  readonly mayMakeEnvironment?: boolean
}

/**
 * Problems: a selection that can't be parsed, a plain name that matches nothing, or a selection that matches nothing at
 * all, unless it depends on the state: what is stale may be nothing.
 */
export async function choose(args: SelectArguments, choosing: Choosing): Promise<Result<Chosen>> {
  const { workspace, defined, world } = choosing
  const { assets, selectors } = workspace.project
  const selection = parseSelection(args.select)
  const exclude = parseSelection(args.exclude)
  if (!selection.ok || !exclude.ok) return failed([selection, exclude])
  const graph = world === undefined ? graphOf(assets, defined.checks.map(asGate)) : ok(world.graph)
  if (!graph.ok) return graph
  const both = [selection.value, exclude.value]
  const dependsOnState = both.some((one) => needsState(one, selectors))
  const states = dependsOnState ? await statesOf(choosing) : ok(NONE)
  if (!states.ok) return states
  const dbt = both.some((one) => needsDbt(one, selectors, graph.value))
    ? await askDbt(choosing)
    : ok(NO_DBT)
  if (!dbt.ok) return dbt
  const facts = {
    graph: graph.value,
    assets,
    definitions: defined.definitions,
    selectors,
    dbt: dbt.value ?? NO_DBT,
    state: states.value,
  }
  const all = select(selection.value, null, facts)
  const left = exclude.value.length === 0 ? null : select(exclude.value, null, facts)
  if (!all.ok || left?.ok === false) return failed(left === null ? [all] : [all, left])
  const { bits } = all.value
  const mayBeEmpty = choosing.mayBeEmpty === true || dependsOnState || dbt.value === null
  if (!mayBeEmpty && args.select.length > 0 && !bits.includes(1)) return fail(...all.value.warnings)
  const excluded = left?.value.bits ?? new Uint8Array(graph.value.size)
  const rest = bits.map((bit, i) => bit & ~excluded[i]!)
  const warnings = [
    ...(dbt.value === null ? [UNREAD] : []),
    ...all.value.warnings,
    ...(left?.value.warnings ?? []),
  ]
  if (warnings.length === 0 && bits.includes(1) && !rest.includes(1)) warnings.push(ALL_EXCLUDED)
  return ok({
    selected: new NodeSet(graph.value, rest),
    excluded: new NodeSet(graph.value, excluded),
    warnings,
  })
}

function failed(results: readonly Result<unknown>[]): Result<never> {
  return fail(...results.flatMap((one) => (one.ok ? [] : one.problems)))
}

/** The facts of dbt's manifest; null if dbt's project was never parsed. */
async function askDbt({
  defined,
  workspace,
  mayMakeEnvironment = false,
}: Pick<Choosing, 'defined' | 'workspace' | 'mayMakeEnvironment'>): Promise<
  Result<DbtGraph | null>
> {
  if (defined.later === null) return ok(defined.dbt())
  if (!mayMakeEnvironment) return ok(null)
  const { problems, dbt } = await workspace.tellIfSlow(defined.later.define)
  return problems.length > 0 ? { ok: false, problems } : ok(dbt?.() ?? null)
}

/** What `state:` compares of a node: the decisions of a command that would build everything. */
async function statesOf({
  workspace,
  defined,
  world,
  stateless = false,
}: Choosing): Promise<Result<(name: string) => StateFacts>> {
  if (stateless) return ok(() => FRESH)
  const decide = (found: World) => planFor(found, everything(found.graph), workspace.site.clock())
  if (world !== undefined) return ok(stateFacts(decide(world)))
  const state = await workspace.state()
  if (!state.ok) return state
  const options = { look: 'online', fallsBack: true } as const
  const seen = await survey(workspace, state.value, defined, options)
  return seen.ok ? ok(stateFacts(decide(seen.value.gathered.world))) : seen
}

function stateFacts({ world, decisions }: Planned): (name: string) => StateFacts {
  return (name) => {
    const i = world.graph.indexOf(name)
    const verdict = i === undefined ? undefined : decisions.verdicts[i]
    const check = world.state.checks.get(name)
    const record = world.state.records.get(name)
    const isFailed = world.state.journal.get(name)?.phase.state === 'failed'
    return {
      verdict: verdict ?? { state: 'fresh' },
      recorded: check !== undefined || record !== undefined,
      outcome: isFailed ? 'failed' : (check?.outcome ?? record?.how ?? null),
    }
  }
}

const FRESH: StateFacts = { verdict: { state: 'fresh' }, recorded: true, outcome: null }

const UNREAD: Problem = {
  code: 'dbt-unread',
  message: "dbt's project was not parsed yet, so selection methods that need it match nothing",
  hint: 'the first assets materialize creates the Python environment for dbt and parses the project',
}

const ALL_EXCLUDED: Problem = {
  code: 'selection-empty',
  message: 'everything that is selected is also excluded',
  hint: 'remove something from --exclude',
}

const NONE = (name: string): StateFacts => {
  throw new Error(`a selection that needs no state asked for the state of ${name}`)
}
