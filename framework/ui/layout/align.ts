import type { Adjacency } from '../../lib/adjacency.ts'
import { type LayeredGraph, layerCount } from './layered-graph.ts'
import type { Order } from './order.ts'

/** From which end the layers, and the nodes in them, are passed. */
export interface Direction {
  readonly towards: 'right' | 'left'
  readonly from: 'top' | 'bottom'
}

/**
 * Segments that would have to yield: those that cross a segment between two dummies. A long edge is kept
 * straight at the expense of short ones; of two long edges that cross, the one that is passed first is straight.
 * Each is the number `left node × size + right node`.
 */
export function yieldingSegments(graph: LayeredGraph, order: Order): ReadonlySet<number> {
  const { real, size, starts, left } = graph
  const yielding = new Set<number>()
  for (let layer = 1; layer < layerCount(graph); layer++) {
    let above = 0
    let checked = starts[layer]!
    const end = starts[layer + 1]!
    for (let p = checked; p < end; p++) {
      const node = order.nodes[p]!
      const inner = node >= real ? left.targets[left.starts[node]!]! : -1
      const isInner = inner >= real
      if (!isInner && p + 1 < end) continue
      let below = Number.POSITIVE_INFINITY
      if (isInner) {
        below = order.place[inner]!
        if (below < above) {
          yielding.add(inner * size + node)
          continue
        }
      }
      for (; checked <= p; checked++) {
        const one = order.nodes[checked]!
        for (let e = left.starts[one]!; e < left.starts[one + 1]!; e++) {
          const place = order.place[left.targets[e]!]!
          if (place < above || place > below) yielding.add(left.targets[e]! * size + one)
        }
      }
      above = isInner ? below : above
    }
  }
  return yielding
}

/**
 * Blocks of nodes that get one y: each node joins the block of its median neighbour, unless that would cross
 * a segment of another block (Brandes and Köpf, 2001). The result is the root of each node's block.
 */
export function alignedRoots(
  graph: LayeredGraph,
  order: Order,
  yielding: ReadonlySet<number>,
  { towards, from }: Direction,
): Int32Array {
  const { size, starts } = graph
  const { nodes, place } = order
  const side = towards === 'right' ? graph.left : graph.right
  const root = Int32Array.from({ length: size }, (_, node) => node)
  /** Whether a node of the next layer is aligned with it already. */
  const isTaken = new Uint8Array(size)
  const isTop = from === 'top'
  const count = layerCount(graph)
  for (let step = 1; step < count; step++) {
    const layer = towards === 'right' ? step : count - 1 - step
    let bound = isTop ? -1 : Number.POSITIVE_INFINITY
    const [first, end] = [starts[layer]!, starts[layer + 1]!]
    for (let k = 0; k < end - first; k++) {
      const node = nodes[isTop ? first + k : end - 1 - k]!
      for (const other of medians(side, place, node, isTop)) {
        if (isTaken[other] === 1) continue
        if (isTop ? place[other]! <= bound : place[other]! >= bound) continue
        const segment = towards === 'right' ? other * size + node : node * size + other
        if (yielding.has(segment)) continue
        root[node] = root[other]!
        isTaken[other] = 1
        bound = place[other]!
        break
      }
    }
  }
  return root
}

/** The one or two neighbours in the middle, the one that is nearer to where the pass began first. */
function medians(
  { starts, targets }: Adjacency,
  place: Int32Array,
  node: number,
  isTop: boolean,
): readonly number[] {
  const near = targets.slice(starts[node]!, starts[node + 1]!)
  if (near.length === 0) return []
  near.sort((a, b) => place[a]! - place[b]!)
  const [low, high] = [near[(near.length - 1) >> 1]!, near[near.length >> 1]!]
  if (low === high) return [low]
  return isTop ? [low, high] : [high, low]
}
