import { checkReporter } from '../report/check.ts'
import { type Context, EXIT } from './context.ts'
import { lookAtGraph } from './graph-only.ts'
import { namedSelectionProblems } from './named-selections.ts'
import type { Output } from './output.ts'
import { overwrites } from './overwrites.ts'
import { askDbt } from './selecting.ts'

export interface CheckOptions {
  readonly target: string | null
}

/** `assets check`: all problems of configuration, graph and dbt project. Connects to nothing. */
export async function check(
  context: Context,
  output: Output,
  options: CheckOptions,
): Promise<number> {
  const everything = { select: [], exclude: [], target: options.target }
  return lookAtGraph(context, output, everything, async ({ workspace, defined, graph }) => {
    const { project, site } = workspace
    const named = await namedSelectionProblems({
      project,
      graph,
      definitions: defined.definitions,
      checks: new Map(defined.checks.map((check) => [check.name, check])),
      dbt: () => askDbt(defined, 'as_is'),
    })
    // Names in the dbt project are unknown until it has been read.
    const certain = named.filter(({ code }) => code !== 'unknown-asset' || defined.later === null)
    const found = [...(await overwrites(workspace, defined)), ...certain]
    if (found.length > 0) return output.tell(found, EXIT.usage)
    output.show(checkReporter, {
      project: project.name,
      target: site.target.name,
      assets: project.assets.length,
      checks: defined.checks.length,
      comparedWithDbt: defined.later === null,
    })
    return EXIT.done
  })
}
