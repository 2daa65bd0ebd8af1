import { type Context, EXIT } from './context.ts'
import { lookAtGraph } from './graph-only.ts'
import { namedSelectionProblems } from './named-selections.ts'
import type { Output } from './output.ts'
import { overwrites } from './overwrites.ts'
import { askDbt } from './selecting.ts'

export interface CheckOptions {
  readonly target: string | null
}

/** `assets check`: configuration, graph and agreement with dbt, all problems; connects to nothing. */
export async function check(
  context: Context,
  output: Output,
  options: CheckOptions,
): Promise<number> {
  const everything = { select: [], exclude: [], target: options.target }
  return lookAtGraph(context, output, everything, async ({ workspace, defined, graph }) => {
    const { project, site } = workspace
    const chooser = {
      project,
      graph,
      definitions: defined.definitions,
      checks: new Map(defined.checks.map((check) => [check.name, check])),
      dbt: () => askDbt(defined, 'as_is'),
    }
    const named = await namedSelectionProblems(chooser, defined.later === null)
    const found = [...(await overwrites(workspace, defined)), ...named]
    if (found.length > 0) return output.tell(found, EXIT.usage)
    output.checked({
      project: project.name,
      target: site.target.name,
      assets: project.assets.length,
      checks: defined.checks.length,
      comparedWithDbt: defined.later === null,
    })
    return EXIT.done
  })
}
