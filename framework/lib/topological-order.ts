import type { Adjacency } from './adjacency.ts'

const UNSEEN = 0
const OPEN = 1
const DONE = 2

/**
 * A topological order: every node comes after the nodes that `before` lists for it. Nodes are taken in the
 * order of `preference`, each preceded by its missing predecessors, so a preference that is already
 * topological stays unchanged. Null when there is a cycle. Linear time, without recursion.
 */
export function topologicalOrder(
  preference: Int32Array,
  before: readonly Adjacency[],
): Int32Array | null {
  const size = preference.length
  const order = new Int32Array(size)
  const state = new Uint8Array(size)
  const stack = new Int32Array(size)
  const relation = new Int32Array(size)
  const cursor = new Int32Array(size)
  let emitted = 0

  for (const root of preference) {
    if (state[root] !== UNSEEN) continue
    let depth = 0
    stack[0] = root
    relation[0] = 0
    cursor[0] = before[0]!.starts[root]!
    state[root] = OPEN
    while (depth >= 0) {
      const node = stack[depth]!
      const edges = before[relation[depth]!]!
      if (cursor[depth]! < edges.starts[node + 1]!) {
        const next = edges.targets[cursor[depth]!]!
        cursor[depth]! += 1
        if (state[next] === OPEN) return null
        if (state[next] === DONE) continue
        state[next] = OPEN
        depth += 1
        stack[depth] = next
        relation[depth] = 0
        cursor[depth] = before[0]!.starts[next]!
      } else if (relation[depth]! + 1 < before.length) {
        relation[depth]! += 1
        cursor[depth] = before[relation[depth]!]!.starts[node]!
      } else {
        state[node] = DONE
        order[emitted++] = node
        depth -= 1
      }
    }
  }
  return order
}
