import type { Adjacency } from '../../lib/adjacency.ts'
import { dagOf, degree, type Edge } from './dag.ts'

export interface Neighbourhood {
  /** Ascending. */
  readonly nodes: readonly number[]
  /** The edges between them, in the order of the graph. */
  readonly edges: readonly Edge[]
  /** How many inputs of a node are left out, and how many readers. Nodes without such are not keys. */
  readonly inputsLeftOut: ReadonlyMap<number, number>
  readonly readersLeftOut: ReadonlyMap<number, number>
}

/**
 * What is around a node: its inputs up to `levelsUp` edges away, and its readers up to `levelsDown`. No more
 * than `limit` nodes: the nearest first, by turns from both sides, and in a level the smallest first.
 */
export function neighbourhood(
  graph: { readonly size: number; readonly edges: readonly Edge[] },
  node: number,
  levelsUp: number,
  levelsDown: number,
  limit: number,
): Neighbourhood {
  const { inputs, readers } = dagOf(graph.size, graph.edges)
  const isIn = new Uint8Array(graph.size)
  isIn[node] = 1
  let room = limit - 1
  const sides = [
    { towards: inputs, levels: levelsUp, edge: [node] },
    { towards: readers, levels: levelsDown, edge: [node] },
  ]
  for (let level = 0; level < Math.max(levelsUp, levelsDown) && room > 0; level++) {
    for (const side of sides) {
      if (level >= side.levels) continue
      const next = nextLevel(side.towards, side.edge, isIn).slice(0, Math.max(0, room))
      for (const one of next) isIn[one] = 1
      room -= next.length
      side.edge = next
    }
    if (sides.every(({ edge }) => edge.length === 0)) break
  }
  const nodes = Array.from(isIn.keys()).filter((one) => isIn[one] === 1)
  const edges = graph.edges.filter(([from, to]) => isIn[from] === 1 && isIn[to] === 1)
  return {
    nodes,
    edges,
    inputsLeftOut: leftOut(inputs, nodes, isIn),
    readersLeftOut: leftOut(readers, nodes, isIn),
  }
}

/** What is next to the nodes of a level and not in yet, ascending. */
function nextLevel(
  { starts, targets }: Adjacency,
  level: readonly number[],
  isIn: Uint8Array,
): readonly number[] {
  const found = new Set<number>()
  for (const node of level) {
    for (let e = starts[node]!; e < starts[node + 1]!; e++) {
      if (isIn[targets[e]!] === 0) found.add(targets[e]!)
    }
  }
  return [...found].sort((a, b) => a - b)
}

function leftOut(
  side: Adjacency,
  nodes: readonly number[],
  isIn: Uint8Array,
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const node of nodes) {
    if (degree(side, node) === 0) continue
    const all = new Set(side.targets.subarray(side.starts[node]!, side.starts[node + 1]!))
    let count = 0
    for (const one of all) if (isIn[one] === 0) count += 1
    if (count > 0) counts.set(node, count)
  }
  return counts
}
