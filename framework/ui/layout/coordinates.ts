import { alignedRoots, type Direction, yieldingSegments } from './align.ts'
import { type LayeredGraph, layerCount } from './layered-graph.ts'
import type { Order } from './order.ts'

/** Pixels: the height of a box, and the least distance between boxes and lines of a layer. */
export interface Spacing {
  readonly height: number
  readonly gapY: number
}

const DIRECTIONS: readonly Direction[] = [
  { towards: 'right', from: 'top' },
  { towards: 'right', from: 'bottom' },
  { towards: 'left', from: 'top' },
  { towards: 'left', from: 'bottom' },
]

/**
 * The y of the middle of each box and dummy, in pixels. Each of four directions aligns nodes with their
 * neighbours in its own way; a node gets the mean of the two middle results, which keeps the order and the
 * distances of all four.
 */
export function coordinates(graph: LayeredGraph, order: Order, spacing: Spacing): Float64Array {
  const yielding = yieldingSegments(graph, order)
  const results = DIRECTIONS.map((direction) => {
    const roots = alignedRoots(graph, order, yielding, direction)
    return compact(graph, order, roots, direction, spacing)
  })
  shiftTogether(results)
  const [a, b, c, d] = results as [Float64Array, Float64Array, Float64Array, Float64Array]
  return a.map((_, node) => {
    const all = [a[node]!, b[node]!, c[node]!, d[node]!].sort((x, y) => x - y)
    return (all[1]! + all[2]!) / 2
  })
}

/** The least distance of the middles of two nodes that follow each other in a layer. */
export function distance(
  { real }: LayeredGraph,
  { height, gapY }: Spacing,
  a: number,
  b: number,
): number {
  return ((a < real ? height : 0) + (b < real ? height : 0)) / 2 + gapY
}

/**
 * Puts the blocks as near to each other as the distances allow: a longest path over "is directly above", then
 * blocks with room move back to what follows them. From the bottom, all is mirrored.
 */
function compact(
  graph: LayeredGraph,
  order: Order,
  root: Int32Array,
  { from }: Direction,
  spacing: Spacing,
): Float64Array {
  const isTop = from === 'top'
  const { above, below, least } = neighbouringBlocks(graph, order, root, isTop, spacing)
  const { size } = graph
  const y = new Float64Array(size)
  const open = new Int32Array(size)
  for (const one of below.targets) open[one]! += 1
  const sequence = new Int32Array(size)
  let end = 0
  for (let block = 0; block < size; block++) {
    if (root[block] === block && open[block] === 0) sequence[end++] = block
  }
  for (let k = 0; k < end; k++) {
    const block = sequence[k]!
    for (let e = below.starts[block]!; e < below.starts[block + 1]!; e++) {
      const next = below.targets[e]!
      y[next] = Math.max(y[next]!, y[block]! + least[e]!)
      open[next]! -= 1
      if (open[next] === 0) sequence[end++] = next
    }
  }
  for (let k = end - 1; k >= 0; k--) {
    const block = sequence[k]!
    // The outermost blocks stay: they have the distance 0 from the edge of the drawing.
    if (above[block] === 0) continue
    let room = Number.POSITIVE_INFINITY
    for (let e = below.starts[block]!; e < below.starts[block + 1]!; e++) {
      room = Math.min(room, y[below.targets[e]!]! - least[e]!)
    }
    if (room < Number.POSITIVE_INFINITY) y[block] = Math.max(y[block]!, room)
  }
  return y.map((_, node) => (isTop ? 1 : -1) * y[root[node]!]!)
}

/** The blocks directly below each block (above, if mirrored), and how far away their middles are at least. */
function neighbouringBlocks(
  graph: LayeredGraph,
  { nodes }: Order,
  root: Int32Array,
  isTop: boolean,
  spacing: Spacing,
) {
  const { size, starts } = graph
  const [firsts, seconds, distances]: [number[], number[], number[]] = [[], [], []]
  for (let layer = 0; layer < layerCount(graph); layer++) {
    for (let p = starts[layer]! + 1; p < starts[layer + 1]!; p++) {
      const [a, b] = [nodes[p - 1]!, nodes[p]!]
      firsts.push(isTop ? a : b)
      seconds.push(isTop ? b : a)
      distances.push(distance(graph, spacing, a, b))
    }
  }
  const blockStarts = new Int32Array(size + 1)
  const above = new Int32Array(size)
  for (const node of firsts) blockStarts[root[node]! + 1]! += 1
  for (let block = 0; block < size; block++) blockStarts[block + 1]! += blockStarts[block]!
  const next = blockStarts.slice(0, size)
  const targets = new Int32Array(firsts.length)
  const least = new Float64Array(firsts.length)
  firsts.forEach((node, k) => {
    const block = root[node]!
    const at = next[block]!
    next[block]! += 1
    targets[at] = root[seconds[k]!]!
    least[at] = distances[k]!
    above[targets[at]!]! += 1
  })
  return { above, below: { starts: blockStarts, targets }, least }
}

/** Moves the results so that their ends on the side they were built from meet those of the narrowest one. */
function shiftTogether(results: readonly Float64Array[]): void {
  const extents = results.map((y) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const one of y) {
      if (one < low) low = one
      if (one > high) high = one
    }
    return { low, high }
  })
  const narrowest = extents.reduce((a, b) => (b.high - b.low < a.high - a.low ? b : a))
  results.forEach((y, k) => {
    const { low, high } = extents[k]!
    const shift = DIRECTIONS[k]!.from === 'top' ? narrowest.low - low : narrowest.high - high
    for (let node = 0; node < y.length; node++) y[node]! += shift
  })
}
