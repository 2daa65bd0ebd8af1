import { type Adjacency, reverse } from '../../lib/adjacency.ts'

/** From an input to its reader. */
export type Edge = readonly [from: number, to: number]

/** A directed acyclic graph of the nodes `0` to `size - 1`. Two nodes may have several edges. */
export interface Dag {
  readonly size: number
  readonly edges: readonly Edge[]
  /** The readers of a node, in the order of the edges. */
  readonly readers: Adjacency
  /** The inputs of a node, ascending. */
  readonly inputs: Adjacency
}

export function dagOf(size: number, edges: readonly Edge[]): Dag {
  const readers = adjacencyOf(size, edges)
  return { size, edges, readers, inputs: reverse(readers) }
}

/** The targets of each node, in the order of the edges. Linear time. */
export function adjacencyOf(size: number, edges: readonly Edge[]): Adjacency {
  const starts = new Int32Array(size + 1)
  for (const [from] of edges) starts[from + 1]! += 1
  for (let node = 0; node < size; node++) starts[node + 1]! += starts[node]!
  const next = starts.slice(0, size)
  const targets = new Int32Array(edges.length)
  for (const [from, to] of edges) {
    targets[next[from]!] = to
    next[from]! += 1
  }
  return { starts, targets }
}

/** How many targets a node has. */
export function degree({ starts }: Adjacency, node: number): number {
  return starts[node + 1]! - starts[node]!
}

/** Every node after its inputs; the earliest free node first. Throws on a cycle. */
export function topological({ size, readers, inputs }: Dag): Int32Array {
  const order = new Int32Array(size)
  const open = new Int32Array(size)
  let end = 0
  for (let node = 0; node < size; node++) {
    open[node] = degree(inputs, node)
    if (open[node] === 0) order[end++] = node
  }
  for (let k = 0; k < end; k++) {
    const node = order[k]!
    for (let e = readers.starts[node]!; e < readers.starts[node + 1]!; e++) {
      const reader = readers.targets[e]!
      open[reader]! -= 1
      if (open[reader] === 0) order[end++] = reader
    }
  }
  if (end < size) throw new Error('the edges have a cycle')
  return order
}
