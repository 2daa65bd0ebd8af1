import { type LayeredGraph, layerCount } from './layered-graph.ts'
import { numberLayer, type Order } from './order.ts'

export interface SweepOptions {
  /** `right`: each layer is sorted by its neighbours in the layer before; `left`: by those after. */
  readonly towards: 'right' | 'left'
  /** 1 for nodes that keep their order among each other; null: no node. */
  readonly held: Uint8Array | null
  /** Nodes with equal means change places. Not together with `held`. */
  readonly turnsTies: boolean
}

/**
 * Sorts layer after layer by the mean place of each node's neighbours in the layer that was sorted before. A
 * node without such neighbours keeps its place.
 */
export function sweep(graph: LayeredGraph, order: Order, options: SweepOptions): void {
  const count = layerCount(graph)
  const mean = new Float64Array(graph.size)
  for (let step = 1; step < count; step++) {
    const layer = options.towards === 'right' ? step : count - 1 - step
    sortLayer(graph, order, layer, mean, options)
  }
}

function sortLayer(
  graph: LayeredGraph,
  order: Order,
  layer: number,
  mean: Float64Array,
  { towards, held, turnsTies }: SweepOptions,
): void {
  const { nodes, place } = order
  const { starts, targets } = towards === 'right' ? graph.left : graph.right
  const [from, to] = [graph.starts[layer]!, graph.starts[layer + 1]!]
  const moving: number[] = []
  for (let p = from; p < to; p++) {
    const node = nodes[p]!
    const [first, end] = [starts[node]!, starts[node + 1]!]
    if (first === end) {
      mean[node] = Number.NaN
      continue
    }
    let sum = 0
    for (let e = first; e < end; e++) sum += place[targets[e]!]!
    mean[node] = sum / (end - first)
  }
  if (held !== null) holdOrder(nodes.subarray(from, to), mean, starts, held)
  for (let p = from; p < to; p++) if (!Number.isNaN(mean[nodes[p]!]!)) moving.push(nodes[p]!)
  const turn = turnsTies ? -1 : 1
  moving.sort((a, b) => mean[a]! - mean[b]! || turn * (place[a]! - place[b]!))
  let next = 0
  for (let p = from; p < to; p++) {
    if (!Number.isNaN(mean[nodes[p]!]!)) nodes[p] = moving[next++]!
  }
  numberLayer(graph, order, layer)
}

/**
 * Changes the means of held nodes as little as possible (in squares, weighted by neighbours) so that they
 * ascend in the present order: isotonic regression by pooling neighbours that are the wrong way round.
 */
function holdOrder(
  layer: Int32Array,
  mean: Float64Array,
  starts: Int32Array,
  held: Uint8Array,
): void {
  const pools: { sum: number; weight: number; members: number[] }[] = []
  const without: number[] = []
  for (const node of layer) {
    if (held[node] === 0) continue
    if (Number.isNaN(mean[node]!)) {
      // A held node without neighbours goes with the held node above it.
      const above = pools.at(-1)
      if (above === undefined) without.push(node)
      else above.members.push(node)
      continue
    }
    const weight = starts[node + 1]! - starts[node]!
    let pool = { sum: mean[node]! * weight, weight, members: [node] }
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum * pool.weight <= pool.sum * last.weight) break
      pools.pop()
      // Joins the shorter list to the longer one: many pools stay cheap. The order within does not matter.
      const [more, less] = last.members.length < pool.members.length ? [pool, last] : [last, pool]
      for (const one of less.members) more.members.push(one)
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, members: more.members }
    }
    pools.push(pool)
  }
  for (const { sum, weight, members } of pools) for (const one of members) mean[one] = sum / weight
  for (const node of without) mean[node] = -1
}
