import { projectOutputConflicts } from '../../../execute/output-conflicts.ts'
import { checkReporter } from '../../../report/check.ts'
import { clockWarnings } from '../../clock-warnings.ts'
import { type Context, EXIT } from '../../context.ts'
import { withGraph } from '../../graph-view.ts'
import { namedSelectionProblems } from '../../named-selections.ts'
import type { Output } from '../../output.ts'
import { unseenWarnings } from '../../unseen-warnings.ts'

export interface CheckOptions {
  readonly target: string | null
}

/** `assets check`: every problem of configuration, graph and agreement with dbt. Connects to nothing. */
export async function check(
  context: Context,
  output: Output,
  options: CheckOptions,
): Promise<number> {
  const everything = { select: [], exclude: [], target: options.target }
  return withGraph(context, output, everything, async ({ workspace, defined }) => {
    const { project, site, kinds } = workspace
    const named = await namedSelectionProblems({ workspace, defined })
    const found = [...(await projectOutputConflicts(defined, kinds, site)), ...named]
    if (found.length > 0) return output.fail(found, EXIT.usage)
    output.show(checkReporter, {
      project: project.name,
      target: site.target.name,
      assets: project.assets.size,
      checks: defined.checks.length,
      comparedWithDbt: defined.later === null,
      cursors: [...defined.definitions.values()].flatMap(({ asset, cursor }) =>
        cursor === undefined ? [] : [{ asset, column: cursor }],
      ),
      warnings: await output.warn([
        ...clockWarnings(workspace, defined),
        ...(await unseenWarnings(workspace, defined)),
      ]),
    })
    return EXIT.done
  })
}
