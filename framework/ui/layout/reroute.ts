import { type Budget, spend } from './budget.ts'
import type { Dag } from './dag.ts'
import type { LayeredGraph } from './layered-graph.ts'
import { numberLayer, type Order } from './order.ts'

/**
 * Takes each long edge out and puts it back where it crosses fewest segments: a shortest path through the
 * places of all its dummies at once. `tried` has the changes of its layers when an edge had its best place, or -1.
 * Returns how many crossings went away.
 */
export function reroute(
  dag: Dag,
  graph: LayeredGraph,
  order: Order,
  budget: Budget,
  tried: Int32Array,
): number {
  let gone = 0
  dag.edges.forEach(([from, to], edge) => {
    const first = graph.firstDummy[edge]!
    if (first < 0 || budget.left <= 0) return
    const route = [from]
    for (let k = 0; k < graph.layer[to]! - graph.layer[from]! - 1; k++) route.push(first + k)
    route.push(to)
    const changes = () => route.reduce((sum, node) => sum + order.changes[graph.layer[node]!]!, 0)
    if (tried[edge] === changes()) return
    gone += rerouteOne(graph, order, route, budget)
    tried[edge] = changes()
  })
  return gone
}

function rerouteOne(
  graph: LayeredGraph,
  order: Order,
  route: readonly number[],
  budget: Budget,
): number {
  const { place, nodes } = order
  const now = crossingsOf(graph, order, route)
  spend(budget, 4 * route.length)
  if (now === 0) return 0
  const present = route.map((node) => place[node]!)
  /** The fewest crossings on the way to each place of the layer; infinite for places that cannot be. */
  let fewest = new Float64Array(widthAt(graph, route[0]!) + 1).fill(Number.POSITIVE_INFINITY)
  fewest[present[0]!] = 0
  const cameFrom: Int32Array[] = []
  for (let step = 1; step < route.length; step++) {
    const isLast = step + 1 === route.length
    const width = widthAt(graph, route[step]!)
    const next = new Float64Array(width + 1).fill(Number.POSITIVE_INFINITY)
    const came = new Int32Array(width + 1)
    passGap(graph, order, route, step, (from, crossings) => {
      const soFar = fewest[from]!
      // A way that crosses as much as the present one already leads to no better one.
      if (soFar >= now) return
      const [low, high] = isLast ? [present[step]!, present[step]!] : [0, width - 1]
      for (let to = low; to <= high; to++) {
        const sum = soFar + crossings[to]!
        if (sum < next[to]!) {
          next[to] = sum
          came[to] = from
        }
      }
    })
    spend(budget, (widthAt(graph, route[step - 1]!) + 1) * (width + 1))
    fewest = next
    cameFrom.push(came)
  }
  const best = fewest[present.at(-1)!]!
  if (best >= now) return 0
  let at = present.at(-1)!
  for (let step = route.length - 1; step > 1; step--) {
    at = cameFrom[step - 1]![at]!
    const dummy = route[step - 1]!
    const start = graph.starts[graph.layer[dummy]!]!
    const old = start + place[dummy]!
    const target = start + at
    if (target < old) nodes.copyWithin(target + 1, target, old)
    else nodes.copyWithin(old, old + 1, target + 1)
    nodes[target] = dummy
    numberLayer(graph, order, graph.layer[dummy]!)
  }
  return now - best
}

/** The crossings of the segments of a route. */
function crossingsOf(
  { starts, layer, right }: LayeredGraph,
  { nodes, place }: Order,
  route: readonly number[],
): number {
  let crossings = 0
  for (let step = 1; step < route.length; step++) {
    const [a, b] = [route[step - 1]!, route[step]!]
    const start = starts[layer[a]!]!
    for (let p = start; p < starts[layer[a]! + 1]!; p++) {
      if (nodes[p] === a) continue
      const isAbove = p - start < place[a]!
      for (let e = right.starts[nodes[p]!]!; e < right.starts[nodes[p]! + 1]!; e++) {
        const end = place[right.targets[e]!]!
        if (isAbove ? end > place[b]! : end < place[b]!) crossings += 1
      }
    }
  }
  return crossings
}

/**
 * For each place in the layer of `route[step - 1]`: the crossings of a segment from there to each place in
 * the next layer. Places are counted without the dummies of the route; the ends of the route stay.
 */
function passGap(
  graph: LayeredGraph,
  { nodes, place }: Order,
  route: readonly number[],
  step: number,
  visit: (from: number, crossings: Int32Array) => void,
): void {
  const [a, b] = [route[step - 1]!, route[step]!]
  const { starts, right, left, layer } = graph
  const width = widthAt(graph, b)
  const gone = step + 1 === route.length ? width : place[b]!
  const placeWithout = (node: number) => (place[node]! > gone ? place[node]! - 1 : place[node]!)
  const crossings = new Int32Array(width + 1)
  const [from, end] = [starts[layer[a]!]!, starts[layer[a]! + 1]!]
  // From the topmost place, every segment that ends above crosses.
  for (let p = starts[layer[b]!]!; p < starts[layer[b]! + 1]!; p++) {
    const node = nodes[p]!
    if (node === b) continue
    for (let e = left.starts[node]!; e < left.starts[node + 1]!; e++) {
      if (left.targets[e] !== a) crossings[placeWithout(node) + 1]! += 1
    }
  }
  for (let to = 0; to < width; to++) crossings[to + 1]! += crossings[to]!
  const change = new Int32Array(width + 2)
  let at = 0
  for (let p = from; p < end; p++) {
    const node = nodes[p]!
    // The own dummy is not there; an end of the route is, and its place is before it.
    if (node === a && step > 1) continue
    visit(at, crossings)
    at += 1
    if (node === a) continue
    // Passing a node: its segments cross if they end at this place or below, and no longer if above.
    let own = 0
    for (let e = right.starts[node]!; e < right.starts[node + 1]!; e++) {
      const target = right.targets[e]!
      if (target === b) continue
      if (own === 0) change.fill(0)
      own += 1
      change[placeWithout(target) + 1]! -= 2
    }
    if (own === 0) continue
    let sum = own
    for (let to = 0; to <= width; to++) {
      sum += change[to]!
      crossings[to]! += sum
    }
  }
  visit(at, crossings)
}

function widthAt({ starts, layer }: LayeredGraph, node: number): number {
  return starts[layer[node]! + 1]! - starts[layer[node]!]!
}
