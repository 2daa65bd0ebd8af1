/**
 * Edges of a graph as two typed arrays: the targets of node `i` are in `targets` from `starts[i]` up to but
 * not including `starts[i + 1]`. 200,000 edges take 800 kB and no objects.
 */
export interface Adjacency {
  readonly starts: Int32Array
  readonly targets: Int32Array
}

/** Targets of node `i`: a view, not a copy. */
export function targetsOf(edges: Adjacency, i: number): Int32Array {
  return edges.targets.subarray(edges.starts[i]!, edges.starts[i + 1]!)
}

/** The reversed edges. The sources of a node are in ascending order. */
export function reverse(edges: Adjacency): Adjacency {
  const size = edges.starts.length - 1
  const starts = new Int32Array(size + 1)
  for (const target of edges.targets) starts[target + 1]! += 1
  for (let i = 0; i < size; i++) starts[i + 1]! += starts[i]!
  const next = starts.slice(0, size)
  const targets = new Int32Array(edges.targets.length)
  for (let from = 0; from < size; from++) {
    for (let k = edges.starts[from]!; k < edges.starts[from + 1]!; k++) {
      const to = edges.targets[k]!
      targets[next[to]!] = from
      next[to]! += 1
    }
  }
  return { starts, targets }
}

/**
 * Resolves lists of names to edges. Duplicates in a list and names that `indexOf` does not have are
 * ignored.
 */
export function resolve(
  lists: readonly (readonly string[])[],
  indexOf: ReadonlyMap<string, number>,
): Adjacency {
  const size = lists.length
  let total = 0
  for (const list of lists) total += list.length
  const starts = new Int32Array(size + 1)
  const targets = new Int32Array(total)
  const lastSeenBy = new Int32Array(indexOf.size).fill(-1)
  let end = 0
  for (let i = 0; i < size; i++) {
    for (const name of lists[i]!) {
      const target = indexOf.get(name)
      if (target === undefined || lastSeenBy[target] === i) continue
      lastSeenBy[target] = i
      targets[end++] = target
    }
    starts[i + 1] = end
  }
  return { starts, targets: end === total ? targets : targets.slice(0, end) }
}
