import { checkReporter } from '../../../report/check.ts'
import { clockWarnings } from '../../clock-warnings.ts'
import { type Context, EXIT } from '../../context.ts'
import { Mistakes } from '../../mistakes.ts'
import type { Output } from '../../output.ts'
import { unseenWarnings } from '../../unseen-warnings.ts'
import { openWorkspace } from '../../workspace.ts'
import { examine } from './examine.ts'

export interface CheckOptions {
  readonly target: string | null
  /** Whether dbt's Python environment is created if there is none. */
  readonly install: boolean
}

/**
 * `assets check`: every problem of configuration, graph and agreement with dbt, in one go (law 8). Connects to
 * nothing.
 */
export async function check(
  context: Context,
  output: Output,
  { target, install }: CheckOptions,
): Promise<number> {
  const mistakes = new Mistakes()
  const opened = await openWorkspace(context, target, output, { reach: 'declarations', mistakes })
  if (!opened.ok) {
    mistakes.add(opened.problems)
    return output.fail(mistakes.problems, EXIT.usage)
  }
  const workspace = opened.value
  try {
    const defined = await examine(workspace, mistakes, install)
    if (mistakes.problems.length > 0) return output.fail(mistakes.problems, EXIT.usage)
    const { project, site } = workspace
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
  } finally {
    await workspace.close()
  }
}
