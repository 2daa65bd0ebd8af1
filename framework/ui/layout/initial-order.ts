import type { LayeredGraph } from './layered-graph.ts'
import { type Order, orderBy } from './order.ts'

/**
 * A first order, different for each `attempt`: the order in which a walk along the segments, from the left
 * or from the right, meets the nodes. It begins with the first nodes, with the last ones, or with random ones;
 * "random" is a function of the attempt.
 */
export function initialOrder(graph: LayeredGraph, attempt: number): Order {
  const { size, layer } = graph
  const key = new Float64Array(size).fill(-1)
  const forward = attempt % 2 === 0
  const { starts, targets } = forward ? graph.right : graph.left
  const roots = Array.from({ length: size }, (_, node) => node)
  if (attempt >= 4) shuffle(roots, attempt)
  else if (attempt >= 2) roots.reverse()
  roots.sort((a, b) => (forward ? layer[a]! - layer[b]! : layer[b]! - layer[a]!))
  const stack: number[] = []
  let met = 0
  for (const root of roots) {
    if (key[root] !== -1) continue
    stack.push(root)
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (key[node] !== -1) continue
      key[node] = met++
      for (let e = starts[node + 1]! - 1; e >= starts[node]!; e--) {
        if (key[targets[e]!] === -1) stack.push(targets[e]!)
      }
    }
  }
  return orderBy(graph, key)
}

/** Marsaglia's xorshift. */
function shuffle(list: number[], seed: number): void {
  let state = Math.imul(seed, 0x9e3779b1) | 1
  for (let k = list.length - 1; k > 0; k--) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const other = (state >>> 0) % (k + 1)
    ;[list[k], list[other]] = [list[other]!, list[k]!]
  }
}
