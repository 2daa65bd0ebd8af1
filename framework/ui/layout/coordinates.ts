import { type Dag, degree } from './dag.ts'
import type { LayeredGraph } from './layered-graph.ts'
import type { Order } from './order.ts'
import { relax } from './relax.ts'
import { roomOf, type Spacing } from './spacing.ts'
import { straighten } from './straighten.ts'

/** The y of the middle of each box and dummy, in pixels. A function of the order alone. */
export function coordinates(
  dag: Dag,
  graph: LayeredGraph,
  order: Order,
  spacing: Spacing,
): Float64Array {
  const y = new Float64Array(graph.size)
  relax(graph, order, spacing, y)
  straighten(dag, graph, order, spacing, y)
  level(graph, order, spacing, y)
  wholePixels(order, spacing, y)
  return y
}

/** Gives a box with one neighbour on a side the y of this neighbour, if it is nearly there and has room. */
function level(graph: LayeredGraph, order: Order, spacing: Spacing, y: Float64Array): void {
  for (const node of order.nodes) {
    if (node >= graph.real) continue
    for (const side of [graph.left, graph.right]) {
      if (degree(side, node) !== 1) continue
      const wanted = y[side.targets[side.starts[node]!]!]!
      if (Math.abs(wanted - y[node]!) > spacing.height / 2) continue
      const [low, high] = roomOf(graph, order, spacing, y, node)
      if (wanted < low || wanted > high) continue
      y[node] = wanted
      break
    }
  }
}

/** Rounds y so that the top of each box is on a whole pixel. Keeps whole distances. */
function wholePixels({ nodes }: Order, { height, gapY }: Spacing, y: Float64Array): void {
  if (!Number.isInteger(height) || !Number.isInteger(gapY)) return
  const half = height / 2
  // Sums of fractions are a little off, so a distance of 57.99… must not become 57.
  for (const node of nodes) y[node] = Math.floor(y[node]! - half + 0.5 + 1e-6) + half
}
