import { type Graph, graphOf } from '../graph/graph.ts'
import { asGate } from '../staleness/check-waivers.ts'
import type { DefinedProject } from '../staleness/define.ts'
import { type Context, EXIT, exitCodeFor } from './context.ts'
import type { Output } from './output.ts'
import { type Chosen, choose, type SelectArguments } from './selecting.ts'
import { defineProject } from './survey.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** A project's graph and a selection of it. */
export interface GraphView {
  readonly workspace: Workspace
  readonly defined: DefinedProject
  readonly graph: Graph
  readonly chosen: Chosen
}

/**
 * For verbs that need only declarations: `list`, `graph`, `check`. Opens neither state nor source nor
 * warehouse, unless the selection uses `state:`.
 */
export async function withGraph(
  context: Context,
  output: Output,
  options: SelectArguments & { readonly target: string | null },
  show: (view: GraphView) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output, { reach: 'declarations' })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const defined = await defineProject(workspace)
    if (!defined.ok) return output.fail(defined.problems, EXIT.usage)
    const graph = graphOf(workspace.project.assets, defined.value.checks.map(asGate))
    if (!graph.ok) return output.fail(graph.problems, EXIT.usage)
    const chosen = await choose(options, { workspace, defined: defined.value })
    if (!chosen.ok) return output.fail(chosen.problems, exitCodeFor(chosen.problems))
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
