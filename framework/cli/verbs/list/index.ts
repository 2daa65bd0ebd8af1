import { namesOf } from '../../../graph/selection/select.ts'
import { listReporter } from '../../../report/list.ts'
import { type Context, EXIT } from '../../context.ts'
import { type GraphView, withGraph } from '../../graph-view.ts'
import type { Output } from '../../output.ts'
import type { SelectArguments } from '../../selecting.ts'

export interface ListOptions extends SelectArguments {
  readonly target: string | null
}

/** `assets list`: the names in a selection. Opens state and warehouse only for a `state:` selector. */
export async function list(
  context: Context,
  output: Output,
  options: ListOptions,
): Promise<number> {
  return withGraph(context, output, options, async ({ graph, chosen }: GraphView) => {
    const bits = new Uint8Array(graph.size)
    for (const name of chosen.selected) bits[graph.indexOf(name)!] = 1
    output.show(listReporter, namesOf(graph, bits))
    return EXIT.done
  })
}
