import type { LayeredGraph } from './layered-graph.ts'
import type { Order } from './order.ts'

/** Pixels: the height of a box, and the least distance between boxes and lines of a layer. */
export interface Spacing {
  readonly height: number
  readonly gapY: number
}

/** The least distance of the middles of two nodes that follow each other in a layer. A dummy has no height. */
export function distance(
  { real }: LayeredGraph,
  { height, gapY }: Spacing,
  a: number,
  b: number,
): number {
  return ((a < real ? height : 0) + (b < real ? height : 0)) / 2 + gapY
}

/** Between which y a node can move while its neighbours in the layer stay. */
export function roomOf(
  graph: LayeredGraph,
  { nodes, place }: Order,
  spacing: Spacing,
  y: Float64Array,
  node: number,
): readonly [low: number, high: number] {
  const start = graph.starts[graph.layer[node]!]!
  const end = graph.starts[graph.layer[node]! + 1]!
  const at = start + place[node]!
  const above = at > start ? nodes[at - 1]! : null
  const below = at + 1 < end ? nodes[at + 1]! : null
  return [
    above === null ? Number.NEGATIVE_INFINITY : y[above]! + distance(graph, spacing, above, node),
    below === null ? Number.POSITIVE_INFINITY : y[below]! - distance(graph, spacing, node, below),
  ]
}
