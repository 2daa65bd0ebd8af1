import { type LayeredGraph, layerCount } from './layered-graph.ts'
import type { Order } from './order.ts'

/**
 * How many pairs of segments cross. The nodes of a layer are passed from top to bottom while a binary
 * indexed tree counts where the segments so far have ended: O(segments × log width).
 */
export function countCrossings(graph: LayeredGraph, order: Order): number {
  const widest = widestLayer(graph)
  const tree = new Int32Array(widest + 1)
  let crossings = 0
  for (let k = 0; k + 1 < layerCount(graph); k++) crossings += between(graph, order, k, tree)
  return crossings
}

function between(
  { starts, right }: LayeredGraph,
  { nodes, place }: Order,
  k: number,
  tree: Int32Array,
): number {
  const width = starts[k + 2]! - starts[k + 1]!
  tree.fill(0, 0, width + 1)
  let seen = 0
  let crossings = 0
  for (let p = starts[k]!; p < starts[k + 1]!; p++) {
    const node = nodes[p]!
    const [from, to] = [right.starts[node]!, right.starts[node + 1]!]
    // Count all first, then add all: segments of one node do not cross.
    for (let e = from; e < to; e++) {
      let notBelow = 0
      for (let i = place[right.targets[e]!]! + 1; i > 0; i -= i & -i) notBelow += tree[i]!
      crossings += seen - notBelow
    }
    for (let e = from; e < to; e++) {
      for (let i = place[right.targets[e]!]! + 1; i <= width; i += i & -i) tree[i]! += 1
    }
    seen += to - from
  }
  return crossings
}

function widestLayer({ starts }: LayeredGraph): number {
  let widest = 0
  for (let k = 0; k + 1 < starts.length; k++) widest = Math.max(widest, starts[k + 1]! - starts[k]!)
  return widest
}
