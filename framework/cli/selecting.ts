import type { Graph } from '../graph/graph.ts'
import { NodeSet } from '../graph/node-set.ts'
import type { StateFacts } from '../graph/selection/facts.ts'
import { needsDbt, needsState } from '../graph/selection/needs.ts'
import { parseSelection } from '../graph/selection/parse.ts'
import { type SelectionFailure, select } from '../graph/selection/select.ts'
import type { DbtFacts } from '../model/dbt-facts.ts'
import type { Check, Definition } from '../model/definition.ts'
import { ok, type Problem, type Result } from '../model/problem.ts'
import type { Project } from '../model/project.ts'
import type { Decisions } from '../staleness/fold.ts'
import type { DefinedProject } from '../staleness/observe.ts'
import type { World } from '../staleness/world.ts'

/** What a verb's arguments select, as people typed them. */
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
export interface Chooser {
  readonly project: Project
  readonly graph: Graph
  readonly definitions: ReadonlyMap<string, Definition>
  readonly checks: ReadonlyMap<string, Check>
  /** Verdicts, for `state:`; asked for only when a selection uses it. */
  readonly states: () => Promise<Result<(name: string) => StateFacts>>
  /** What dbt says, asked for only when a selection does; null while its project was not read. */
  readonly dbt: () => Promise<Result<ReadonlyMap<string, DbtFacts> | null>>
}

/**
 * What dbt says of a project's assets. Where its environment was never made, `make` makes it; a verb
 * that may not do so answers without.
 */
export async function askDbt(
  defined: DefinedProject,
  environment: 'as_is' | 'make',
): Promise<Result<ReadonlyMap<string, DbtFacts> | null>> {
  if (defined.later === null) return ok(defined.dbt())
  if (environment === 'as_is') return ok(null)
  const { problems, dbt } = await defined.later.define()
  return problems.length > 0 ? { ok: false, problems } : ok(dbt?.() ?? null)
}

/** Problems: a selection that can't be read, or a plain name that matches nothing. */
export async function choose(
  args: SelectArguments,
  chooser: Chooser,
): Promise<{ readonly ok: true; readonly value: Chosen } | SelectionFailure> {
  const { project, graph, definitions } = chooser
  const selection = parseSelection(args.select)
  const exclude = parseSelection(args.exclude)
  if (!selection.ok || !exclude.ok) {
    const problems = [selection, exclude].flatMap((one) => (one.ok ? [] : one.problems))
    return { ok: false, problems }
  }
  const stateful = [selection.value, exclude.value].some((one) =>
    needsState(one, project.selectors),
  )
  const states = stateful ? await chooser.states() : ok(unasked)
  if (!states.ok) return states
  const asking = [selection.value, exclude.value].some((one) =>
    needsDbt(one, project.selectors, graph),
  )
  const dbt = asking ? await chooser.dbt() : ok(NOTHING)
  if (!dbt.ok) return dbt
  const facts = {
    graph,
    assets: project.assetTable?.byName ?? new Map(project.assets.map((one) => [one.name, one])),
    definitions,
    selectors: project.selectors,
    dbt: (name: string) => dbt.value?.get(name) ?? null,
    state: states.value,
  }
  const all = select(selection.value, null, facts)
  const out = exclude.value.length === 0 ? null : select(exclude.value, null, facts)
  if (!all.ok || out?.ok === false) {
    const failures = [all, out].flatMap((one) => (one === null || one.ok ? [] : [one]))
    return {
      ok: false,
      problems: failures.flatMap(({ problems }) => problems),
      unknownNames: failures.flatMap(({ unknownNames = [] }) => unknownNames),
    }
  }
  const { bits } = all.value
  const excluded = out?.value.bits ?? new Uint8Array(graph.size)
  const rest = bits.map((bit, index) => bit & ~excluded[index]!)
  const warnings = [
    ...(dbt.value === null ? [UNREAD] : []),
    ...all.value.warnings,
    ...(out?.value.warnings ?? []),
  ]
  if (warnings.length === 0 && bits.includes(1) && !rest.includes(1)) warnings.push(ALL_EXCLUDED)
  return ok({
    selected: new NodeSet(graph, rest),
    excluded: new NodeSet(graph, excluded),
    warnings,
  })
}

/** What `state:` asks of a node, from decisions already taken. */
export function statesOf(world: World, decisions: Decisions): (name: string) => StateFacts {
  return (name) => {
    const index = world.graph.indexOf(name)
    const verdict = index === undefined ? undefined : decisions.verdicts[index]
    const check = world.state.checks.get(name)
    const record = world.state.records.get(name)
    const failed = world.state.journal.get(name)?.phase.state === 'failed'
    return {
      verdict: verdict ?? { state: 'fresh' },
      recorded: check !== undefined || record !== undefined,
      outcome: failed ? 'failed' : (check?.outcome ?? record?.how ?? null),
    }
  }
}

const NOTHING: ReadonlyMap<string, DbtFacts> = new Map()

const UNREAD: Problem = {
  code: 'dbt-unread',
  message: 'dbt was not asked: its project was never read, so what only dbt knows selects nothing',
  hint: 'the first assets materialize makes its Python environment and reads it',
}

const ALL_EXCLUDED: Problem = {
  code: 'selection-empty',
  message: 'all that is selected is excluded too',
  hint: 'take something out of --exclude',
}

function unasked(name: string): StateFacts {
  throw new Error(`the state of ${name} was asked for by a selection that needs none`)
}
