import { type Adjacency, reverse } from '../../lib/adjacency.ts'
import { adjacencyOf, type Dag, type Edge } from './dag.ts'

/** More dummies are not made: the longest edges are drawn straight instead. */
const MOST_DUMMIES = 200_000

/**
 * A graph whose segments lead from a layer to the next one. The nodes `0` to `real - 1` are boxes; those from
 * `real` on are dummies, through which long edges bend.
 */
export interface LayeredGraph {
  readonly real: number
  readonly size: number
  readonly layer: Int32Array
  /** Where each layer starts in a list of all nodes by layer; one more than there are layers. */
  readonly starts: Int32Array
  /** Neighbours of a node in the layer before. */
  readonly left: Adjacency
  /** Neighbours of a node in the layer after. */
  readonly right: Adjacency
  /** The first dummy of each edge, or -1. The others of the edge follow it, from left to right. */
  readonly firstDummy: Int32Array
}

/** Number of layers. */
export function layerCount({ starts }: LayeredGraph): number {
  return starts.length - 1
}

export function layeredGraph(
  { size: real, edges }: Dag,
  rank: Int32Array,
  mostDummies = MOST_DUMMIES,
): LayeredGraph {
  const longest = longestWithDummies(edges, rank, mostDummies)
  const layers = Array.from(rank)
  const segments: Edge[] = []
  const firstDummy = new Int32Array(edges.length).fill(-1)
  edges.forEach(([from, to], k) => {
    const span = rank[to]! - rank[from]!
    if (span > longest) return
    let last = from
    if (span > 1) firstDummy[k] = layers.length
    for (let layer = rank[from]! + 1; layer < rank[to]!; layer++) {
      segments.push([last, layers.length])
      last = layers.length
      layers.push(layer)
    }
    segments.push([last, to])
  })
  const layer = Int32Array.from(layers)
  const right = adjacencyOf(layer.length, segments)
  const left = reverse(right)
  return { real, size: layer.length, layer, starts: startsOf(layer), left, right, firstDummy }
}

/** The greatest length of an edge so that no more than `most` dummies are on edges up to this length. */
function longestWithDummies(edges: readonly Edge[], rank: Int32Array, most: number): number {
  const dummiesOfSpan = new Map<number, number>()
  for (const [from, to] of edges) {
    const span = rank[to]! - rank[from]!
    dummiesOfSpan.set(span, (dummiesOfSpan.get(span) ?? 0) + span - 1)
  }
  let longest = 1
  let total = 0
  for (const [span, dummies] of [...dummiesOfSpan].sort(([a], [b]) => a - b)) {
    total += dummies
    if (total > most) break
    longest = span
  }
  return longest
}

function startsOf(layer: Int32Array): Int32Array {
  const count = layer.reduce((most, one) => Math.max(most, one), -1) + 1
  const starts = new Int32Array(count + 1)
  for (const one of layer) starts[one + 1]! += 1
  for (let k = 0; k < count; k++) starts[k + 1]! += starts[k]!
  return starts
}
