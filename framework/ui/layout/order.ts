import { type LayeredGraph, layerCount } from './layered-graph.ts'

/** The order of the nodes within each layer, from top to bottom. It is changed in place. */
export interface Order {
  /** All nodes, layer by layer: layer `k` is from `starts[k]` up to but not including `starts[k + 1]`. */
  readonly nodes: Int32Array
  /** The index of each node within its layer. */
  readonly place: Int32Array
  /** How often each layer was changed. What was tried before needs no second try while this is the same. */
  readonly changes: Int32Array
}

/** The order by `key`; of equal keys, the smaller node first. */
export function orderBy(graph: LayeredGraph, key: Float64Array): Order {
  const { size, layer, starts } = graph
  const nodes = new Int32Array(size)
  const next = starts.slice(0, -1)
  for (let node = 0; node < size; node++) {
    nodes[next[layer[node]!]!] = node
    next[layer[node]!]! += 1
  }
  for (let k = 0; k < layerCount(graph); k++) {
    nodes.subarray(starts[k], starts[k + 1]).sort((a, b) => key[a]! - key[b]! || a - b)
  }
  const changes = new Int32Array(layerCount(graph))
  const order = { nodes, place: new Int32Array(size), changes }
  for (let k = 0; k < layerCount(graph); k++) numberLayer(graph, order, k)
  return order
}

/** Sets the places of a layer from its nodes. To be called after each change. */
export function numberLayer({ starts }: LayeredGraph, order: Order, layer: number): void {
  const start = starts[layer]!
  for (let p = start; p < starts[layer + 1]!; p++) order.place[order.nodes[p]!] = p - start
  order.changes[layer]! += 1
}

export function copyOf({ nodes, place, changes }: Order): Order {
  return { nodes: nodes.slice(), place: place.slice(), changes: changes.slice() }
}

export function assign(to: Order, { nodes, place }: Order): void {
  to.nodes.set(nodes)
  to.place.set(place)
  for (let layer = 0; layer < to.changes.length; layer++) to.changes[layer]! += 1
}
