import { parseDuration } from '../../../lib/duration.ts'
import { statePruneReporter } from '../../../report/state-prune.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { withState } from '../../with-state.ts'

interface StatePruneOptions {
  readonly target: string | null
  /** Milliseconds; null: the `history` of the state. */
  readonly olderThan: number | null
  readonly dryRun: boolean
}

/** `assets state prune`: deletes old runs of the history, as the end of each run does. */
export function statePrune(
  context: Context,
  output: Output,
  { target, olderThan, dryRun }: StatePruneOptions,
): Promise<number> {
  return withState(context, output, { target, finds: false }, async ({ site }, state) => {
    const age = olderThan ?? parseDuration(String(site.target.state.settings.history))!
    const before = context.clock() - age
    const tools = await context.registries.stateTools()
    const request = { target: site.target.name, before, isDry: dryRun }
    const pruned = await tools.prune(state, request)
    if (!pruned.ok) return output.fail(pruned.problems, EXIT.failed)
    output.show(statePruneReporter, { ...request, ...pruned.value })
    return EXIT.done
  })
}
