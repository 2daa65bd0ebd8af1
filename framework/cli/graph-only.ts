import { type Graph, graphOf } from '../graph/graph.ts'
import { ok } from '../model/problem.ts'
import { fold } from '../staleness/fold.ts'
import type { DefinedProject } from '../staleness/observe.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { askDbt, type Chosen, choose, type SelectArguments, statesOf } from './selecting.ts'
import { defineProject, survey } from './survey.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** A project's graph and a selection of it, without state, source or warehouse. */
export interface GraphView {
  readonly workspace: Workspace
  readonly defined: DefinedProject
  readonly graph: Graph
  readonly chosen: Chosen
}

/** For verbs that need no more than declarations: `list`, `graph`, `check`. */
export async function lookAtGraph(
  context: Context,
  output: Output,
  options: SelectArguments & { readonly target: string | null },
  show: (looked: GraphView) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output, 'declarations')
  if (!opened.ok) return output.tell(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const defined = await defineProject(workspace)
    if (!defined.ok) return output.tell(defined.problems, EXIT.usage)
    const graph = graphOf(workspace.project, defined.value.checks)
    if (!graph.ok) return output.tell(graph.problems, EXIT.usage)
    let refusal: number = EXIT.usage
    const chosen = await choose(options, {
      project: workspace.project,
      graph: graph.value,
      definitions: defined.value.definitions,
      checks: new Map(defined.value.checks.map((check) => [check.name, check])),
      dbt: () => askDbt(defined.value, 'as_is'),
      states: async () => {
        const seen = await survey(workspace, 'online')
        if (!seen.ok) {
          refusal = seen.code
          return seen
        }
        const { world } = seen.value.gathered
        return ok(statesOf(world, fold(world, { now: workspace.site.clock(), inRun: () => true })))
      },
    })
    if (!chosen.ok) return output.tell(chosen.problems, refusal)
    output.warnings(chosen.value.warnings)
    return await show({
      workspace,
      defined: defined.value,
      graph: graph.value,
      chosen: chosen.value,
    })
  } finally {
    await workspace.close()
  }
}
