import type { Adjacency } from '../../lib/adjacency.ts'
import { type LayeredGraph, layerCount } from './layered-graph.ts'
import type { Order } from './order.ts'
import { distance, type Spacing } from './spacing.ts'

/** Passes in which a layer follows the one before, then those in which it follows both. */
const ONE_SIDED = 4
const BOTH_SIDED = 12

/**
 * The y of the middle of each box and dummy, in pixels, starting from `y`, which it changes: each layer in turn
 * takes the places that are nearest to the mean of the neighbours and keep order and distances. That centres boxes
 * among their neighbours, and makes the drawing little higher than its highest layer.
 */
export function relax(graph: LayeredGraph, order: Order, spacing: Spacing, y: Float64Array): void {
  const count = layerCount(graph)
  for (let pass = 0; pass < ONE_SIDED + BOTH_SIDED; pass++) {
    const forward = pass % 2 === 0
    const isBoth = pass >= ONE_SIDED
    for (let step = 0; step < count; step++) {
      const layer = forward ? step : count - 1 - step
      relaxLayer(graph, order, spacing, y, layer, isBoth || forward, isBoth || !forward)
    }
  }
}

/** Nodes that touch each other, and are moved together. */
interface Pool {
  sum: number
  weight: number
  end: number
}

function relaxLayer(
  graph: LayeredGraph,
  { nodes }: Order,
  spacing: Spacing,
  y: Float64Array,
  layer: number,
  usesLeft: boolean,
  usesRight: boolean,
): void {
  const [from, to] = [graph.starts[layer]!, graph.starts[layer + 1]!]
  const offsets = new Float64Array(to - from)
  const pools: Pool[] = []
  for (let p = from; p < to; p++) {
    const node = nodes[p]!
    const k = p - from
    if (k > 0) offsets[k] = offsets[k - 1]! + distance(graph, spacing, nodes[p - 1]!, node)
    // Without neighbours, a node stays if nothing pushes it.
    let pool: Pool = { sum: (y[node]! - offsets[k]!) / 64, weight: 1 / 64, end: k + 1 }
    if (usesLeft) pull(graph, graph.left, y, node, offsets[k]!, pool)
    if (usesRight) pull(graph, graph.right, y, node, offsets[k]!, pool)
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum * pool.weight <= pool.sum * last.weight) break
      pools.pop()
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, end: pool.end }
    }
    pools.push(pool)
  }
  let k = 0
  for (const { sum, weight, end } of pools) {
    for (; k < end; k++) y[nodes[from + k]!] = sum / weight + offsets[k]!
  }
}

/** Adds the y of the neighbours on a side, less the offset. Dummies pull harder: long edges become straight. */
function pull(
  { real }: LayeredGraph,
  { starts, targets }: Adjacency,
  y: Float64Array,
  node: number,
  offset: number,
  pool: Pool,
): void {
  for (let e = starts[node]!; e < starts[node + 1]!; e++) {
    const other = targets[e]!
    const boxes = (node < real ? 1 : 0) + (other < real ? 1 : 0)
    const weight = boxes === 2 ? 1 : boxes === 1 ? 2 : 8
    pool.sum += weight * (y[other]! - offset)
    pool.weight += weight
  }
}
