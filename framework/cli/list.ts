import { namesOf } from '../graph/selection/select.ts'
import { type Context, EXIT } from './context.ts'
import { type GraphView, withGraph } from './graph-view.ts'
import type { Output } from './output.ts'
import type { SelectArguments } from './selecting.ts'

export interface ListOptions extends SelectArguments {
  readonly target: string | null
}

/** `assets list`: the names of a selection. Opens neither state nor warehouse unless `state:` asks. */
export async function list(
  context: Context,
  output: Output,
  options: ListOptions,
): Promise<number> {
  return withGraph(context, output, options, async ({ graph, chosen }: GraphView) => {
    const bits = new Uint8Array(graph.size)
    for (const name of chosen.selected) bits[graph.indexOf(name)!] = 1
    output.list(namesOf(graph, bits))
    return EXIT.done
  })
}
