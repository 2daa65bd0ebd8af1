import type { Adjacency } from '../../lib/adjacency.ts'
import { type Budget, spend } from './budget.ts'
import { type LayeredGraph, layerCount } from './layered-graph.ts'
import { numberLayer, type Order } from './order.ts'

/** How far up and down a node is tried, in places. */
const REACH = 16

/**
 * Moves single nodes within their layers to where fewest segments cross, until no move is better or the
 * budget is used up. `held` nodes (1) do not pass each other. Returns how many crossings went away.
 */
export function sift(
  graph: LayeredGraph,
  order: Order,
  budget: Budget,
  held: Uint8Array | null,
): number {
  const count = layerCount(graph)
  const places = {
    left: new Int32Array(graph.left.targets.length),
    right: new Int32Array(graph.right.targets.length),
    filled: new Int32Array(graph.size),
  }
  const isOpen = new Uint8Array(count).fill(1)
  let gone = 0
  for (let again = true; again; ) {
    again = false
    for (let layer = 0; layer < count; layer++) {
      if (isOpen[layer] === 0) continue
      isOpen[layer] = 0
      if (budget.left <= 0) return gone
      const better = siftLayer(graph, order, layer, places, budget, held)
      if (better === 0) continue
      gone += better
      again = true
      if (layer > 0) isOpen[layer - 1] = 1
      if (layer + 1 < count) isOpen[layer + 1] = 1
    }
  }
  return gone
}

/** Places of the neighbours, ascending for each node, in the positions of the adjacency. */
interface NeighbourPlaces {
  readonly left: Int32Array
  readonly right: Int32Array
  readonly filled: Int32Array
}

function siftLayer(
  graph: LayeredGraph,
  order: Order,
  layer: number,
  places: NeighbourPlaces,
  budget: Budget,
  held: Uint8Array | null,
): number {
  const { starts, left, right } = graph
  const { nodes } = order
  const [from, to] = [starts[layer]!, starts[layer + 1]!]
  if (to - from < 2) return 0
  gather(graph, order, layer - 1, right, left, places.left, places.filled)
  gather(graph, order, layer + 1, left, right, places.right, places.filled)
  let gone = 0
  for (let again = true; again; ) {
    again = false
    for (const node of nodes.slice(from, to)) {
      const at = from + order.place[node]!
      let [best, target] = [0, at]
      for (const step of [-1, 1]) {
        let change = 0
        let operations = 0
        for (let p = at + step; p >= from && p < to && Math.abs(p - at) <= REACH; p += step) {
          const other = nodes[p]!
          if (held !== null && held[node] === 1 && held[other] === 1) break
          const more =
            moreCrossings(left, places.left, node, other) +
            moreCrossings(right, places.right, node, other)
          change += step < 0 ? more : -more
          operations += 4 + left.starts[other + 1]! - left.starts[other]!
          operations += right.starts[other + 1]! - right.starts[other]!
          if (change < best) [best, target] = [change, p]
        }
        if (!spend(budget, operations)) break
      }
      if (best === 0) continue
      move(nodes, at, target)
      numberLayer(graph, order, layer)
      spend(budget, (to - from) / 4)
      gone -= best
      again = budget.left > 0
    }
  }
  return gone
}

/** Passes the neighbouring layer from top to bottom, so that each node gets its places in ascending order. */
function gather(
  { starts }: LayeredGraph,
  { nodes, place }: Order,
  neighbouring: number,
  towards: Adjacency,
  back: Adjacency,
  places: Int32Array,
  filled: Int32Array,
): void {
  if (neighbouring < 0 || neighbouring + 1 >= starts.length) return
  const [from, to] = [starts[neighbouring]!, starts[neighbouring + 1]!]
  for (let p = from; p < to; p++) {
    const other = nodes[p]!
    for (let e = towards.starts[other]!; e < towards.starts[other + 1]!; e++) {
      filled[towards.targets[e]!] = 0
    }
  }
  for (let p = from; p < to; p++) {
    const other = nodes[p]!
    for (let e = towards.starts[other]!; e < towards.starts[other + 1]!; e++) {
      const node = towards.targets[e]!
      places[back.starts[node]! + filled[node]!] = place[other]!
      filled[node]! += 1
    }
  }
}

/** Crossings of the segments of `a` and `b` with `a` above, minus those with `b` above. */
function moreCrossings({ starts }: Adjacency, places: Int32Array, a: number, b: number): number {
  const [from, end] = [starts[b]!, starts[b + 1]!]
  let [above, notBelow] = [from, from]
  let more = 0
  for (let e = starts[a]!; e < starts[a + 1]!; e++) {
    const place = places[e]!
    while (above < end && places[above]! < place) above += 1
    while (notBelow < end && places[notBelow]! <= place) notBelow += 1
    more += above - from - (end - notBelow)
  }
  return more
}

function move(nodes: Int32Array, from: number, to: number): void {
  const node = nodes[from]!
  if (to < from) nodes.copyWithin(to + 1, to, from)
  else nodes.copyWithin(from, from + 1, to + 1)
  nodes[to] = node
}
