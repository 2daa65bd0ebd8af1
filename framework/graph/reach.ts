import type { Graph } from './graph.ts'

/**
 * The seeds and their ancestors: 1 for each of these nodes. `depth`: the number of edges to follow; no
 * limit by default.
 */
export function ancestors(
  graph: Graph,
  seeds: Iterable<number>,
  depth = Number.POSITIVE_INFINITY,
): Uint8Array {
  return reach(graph.size, seeds, depth, (i) => graph.inputs(i))
}

/** The seeds and their descendants, checks included: 1 for each of these nodes. */
export function descendants(
  graph: Graph,
  seeds: Iterable<number>,
  depth = Number.POSITIVE_INFINITY,
): Uint8Array {
  return reach(graph.size, seeds, depth, (i) => graph.readers(i))
}

/** The seeds and what `next` leads to from them, at most `depth` steps away. */
export function reach(
  size: number,
  seeds: Iterable<number>,
  depth: number,
  next: (i: number) => Iterable<number>,
): Uint8Array {
  const bits = new Uint8Array(size)
  const queue = new Int32Array(size)
  let end = 0
  for (const seed of seeds) {
    if (bits[seed] === 1) continue
    bits[seed] = 1
    queue[end++] = seed
  }
  if (end === size) return bits
  // Breadth first, level by level, so that `depth` counts the shortest path.
  for (let start = 0, level = 0; start < end && level < depth; level++) {
    const stop = end
    for (; start < stop; start++) {
      for (const node of next(queue[start]!)) {
        if (bits[node] === 1) continue
        bits[node] = 1
        queue[end++] = node
      }
    }
  }
  return bits
}
