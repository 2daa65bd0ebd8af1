import { adjacencyOf, dagOf, type Edge, topological } from './dag.ts'

/**
 * For each node, how often a path to it changes the group at most, if only edges between groups are counted
 * that read each other in a cycle. 0 for nodes of groups without a cycle.
 */
export function levelsInCycles(
  size: number,
  edges: readonly Edge[],
  groups: Int32Array,
  groupCount: number,
): Int32Array {
  const between = edges
    .map(([from, to]): Edge => [groups[from]!, groups[to]!])
    .filter(([from, to]) => from !== to)
  const cycle = stronglyConnected(groupCount, between)
  const dag = dagOf(size, edges)
  const { starts, targets } = dag.readers
  const levels = new Int32Array(size)
  for (const node of topological(dag)) {
    const group = groups[node]!
    for (let e = starts[node]!; e < starts[node + 1]!; e++) {
      const reader = targets[e]!
      if (cycle[groups[reader]!] !== cycle[group]) continue
      const level = levels[node]! + (groups[reader] === group ? 0 : 1)
      levels[reader] = Math.max(levels[reader]!, level)
    }
  }
  return levels
}

/** The number of each node's strongly connected set (Tarjan, without recursion). */
function stronglyConnected(size: number, edges: readonly Edge[]): Int32Array {
  const { starts, targets } = adjacencyOf(size, edges)
  const index = new Int32Array(size).fill(-1)
  const lowest = new Int32Array(size)
  const set = new Int32Array(size).fill(-1)
  const cursor = starts.slice(0, size)
  const path: number[] = []
  const open: number[] = []
  let [met, sets] = [0, 0]
  for (let root = 0; root < size; root++) {
    if (index[root] !== -1) continue
    path.push(root)
    while (path.length > 0) {
      const node = path.at(-1)!
      if (index[node] === -1) {
        index[node] = met
        lowest[node] = met++
        open.push(node)
      }
      if (cursor[node]! < starts[node + 1]!) {
        const next = targets[cursor[node]!]!
        cursor[node]! += 1
        if (index[next] === -1) path.push(next)
        else if (set[next] === -1) lowest[node] = Math.min(lowest[node]!, index[next]!)
        continue
      }
      path.pop()
      const above = path.at(-1)
      if (above !== undefined) lowest[above] = Math.min(lowest[above]!, lowest[node]!)
      if (lowest[node] !== index[node]) continue
      for (let member = -1; member !== node; ) {
        member = open.pop()!
        set[member] = sets
      }
      sets += 1
    }
  }
  return set
}
