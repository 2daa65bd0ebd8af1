import { type Dag, degree, topological } from './dag.ts'

/** Each round shortens the edges in total, most of it in the first two. */
const ROUNDS = 12

/**
 * The layer of each node, from 0 without gaps: every edge leads to a later layer. Starts from the longest
 * paths, then moves nodes to where their edges are shorter in total.
 */
export function ranks(dag: Dag): Int32Array {
  const order = topological(dag)
  const rank = longestPaths(dag, order)
  let length = totalLength(dag, rank)
  for (let round = 0; round < ROUNDS; round++) {
    pullRight(dag, order, rank)
    pullLeft(dag, order, rank)
    const next = totalLength(dag, rank)
    if (next >= length) break
    length = next
  }
  return withoutGaps(rank)
}

function longestPaths({ readers }: Dag, order: Int32Array): Int32Array {
  const rank = new Int32Array(order.length)
  for (const node of order) {
    for (let e = readers.starts[node]!; e < readers.starts[node + 1]!; e++) {
      const reader = readers.targets[e]!
      if (rank[reader]! <= rank[node]!) rank[reader] = rank[node]! + 1
    }
  }
  return rank
}

/**
 * Moves each node with at least as many readers as inputs to just before its first reader. A node with as
 * many of both moves too, although that gains nothing: only then can its inputs follow.
 */
function pullRight({ readers, inputs }: Dag, order: Int32Array, rank: Int32Array): void {
  for (let k = order.length - 1; k >= 0; k--) {
    const node = order[k]!
    if (degree(readers, node) === 0 || degree(readers, node) < degree(inputs, node)) continue
    let first = rank[readers.targets[readers.starts[node]!]!]!
    for (let e = readers.starts[node]! + 1; e < readers.starts[node + 1]!; e++) {
      first = Math.min(first, rank[readers.targets[e]!]!)
    }
    rank[node] = first - 1
  }
}

/** Moves each node with more inputs than readers to just after its last input. */
function pullLeft({ readers, inputs }: Dag, order: Int32Array, rank: Int32Array): void {
  for (const node of order) {
    if (degree(inputs, node) <= degree(readers, node)) continue
    let last = 0
    for (let e = inputs.starts[node]!; e < inputs.starts[node + 1]!; e++) {
      last = Math.max(last, rank[inputs.targets[e]!]!)
    }
    rank[node] = last + 1
  }
}

function totalLength({ edges }: Dag, rank: Int32Array): number {
  let length = 0
  for (const [from, to] of edges) length += rank[to]! - rank[from]!
  return length
}

/** Leaves out ranks that no node has. */
function withoutGaps(rank: Int32Array): Int32Array {
  const used = [...new Set(rank)].sort((a, b) => a - b)
  const next = new Map(used.map((old, k) => [old, k]))
  return rank.map((old) => next.get(old)!)
}
