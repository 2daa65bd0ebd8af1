import type { Graph } from '../graph/graph.ts'
import { NodeNames } from '../graph/node-names.ts'
import type { DbtFacts, StateFacts } from '../graph/selection/facts.ts'
import { parseSelection } from '../graph/selection/parse.ts'
import { needsState, select } from '../graph/selection/select.ts'
import type { Check, Definition } from '../model/definition.ts'
import { ok, type Problem, type Result } from '../model/problem.ts'
import type { Project } from '../model/project.ts'
import type { Decisions } from '../staleness/fold.ts'
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
}

/** Problems: a selection that can't be read, or a plain name that matches nothing. */
export async function choose(args: SelectArguments, chooser: Chooser): Promise<Result<Chosen>> {
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
  const facts = {
    graph,
    assets: project.columns?.byName ?? new Map(project.assets.map((one) => [one.name, one])),
    definitions,
    selectors: project.selectors,
    dbt: (name: string) => dbtFacts(chooser, name),
    state: states.value,
  }
  const all = select(selection.value, null, facts)
  if (!all.ok) return all
  const out = exclude.value.length === 0 ? null : select(exclude.value, null, facts)
  if (out !== null && !out.ok) return out
  const { marks } = all.value
  const excluded = out?.value.marks ?? new Uint8Array(graph.size)
  return ok({
    selected: new NodeNames(
      graph,
      marks.map((mark, index) => mark & ~excluded[index]!),
    ),
    excluded: new NodeNames(graph, excluded),
    warnings: [...all.value.warnings, ...(out?.value.warnings ?? [])],
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

/** The facts that the dbt kind laid into what it builds from. */
function dbtFacts({ definitions, checks }: Chooser, name: string): DbtFacts | null {
  const build = definitions.get(name)?.build ?? checks.get(name)?.build
  if (build === null || typeof build !== 'object' || Array.isArray(build)) return null
  const { dbt } = build as { readonly dbt?: DbtFacts }
  return dbt ?? null
}

function unasked(name: string): StateFacts {
  throw new Error(`the state of ${name} was asked for by a selection that needs none`)
}
