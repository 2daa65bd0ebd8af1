import { namesOf } from '../../../graph/selection/select.ts'
import { listReporter } from '../../../report/list.ts'
import { type Context, EXIT } from '../../context.ts'
import { type GraphView, withGraph } from '../../graph-view.ts'
import type { Output } from '../../output.ts'
import { policiesWithPlaces } from '../../policy-places.ts'
import type { SelectArguments } from '../../selecting.ts'

export interface ListOptions extends SelectArguments {
  /** Show the policy of each asset. */
  readonly policies: boolean
  readonly target: string | null
}

const ONLY_CHECKS = 'the selection has only checks, and policies are set for assets'

/** `assets list`: the names in a selection. Opens state and warehouse only for a `state:` selector. */
export async function list(
  context: Context,
  output: Output,
  options: ListOptions,
): Promise<number> {
  return withGraph(context, output, options, async ({ graph, chosen, workspace }: GraphView) => {
    const bits = new Uint8Array(graph.size)
    for (const name of chosen.selected) bits[graph.indexOf(name)!] = 1
    const names = namesOf(graph, bits)
    const { assets } = workspace.project
    const withPolicies = options.policies ? names.flatMap((name) => assets.get(name) ?? []) : []
    const policies = await policiesWithPlaces(withPolicies, workspace)
    const listed = options.policies
      ? withPolicies.map(({ name }, k) => ({ name, policies: policies[k]! }))
      : names.map((name) => ({ name }))
    output.show(listReporter, listed)
    // stdout is for xargs. A selection that matches nothing has its own warning.
    if (graph.assetCount === 0) output.notice('the project has no assets')
    else if (listed.length === 0 && names.length > 0) output.notice(ONLY_CHECKS)
    return EXIT.done
  })
}
