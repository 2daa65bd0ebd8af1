import type { DirectedGraph } from 'graphology'
import { type Adjacency, targetsOf } from '../lib/adjacency.ts'
import type { Asset } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'
import { graphology, nodeKey } from './graphology.ts'

/** After this many edges, the search for a shorter cycle in a group ends with the best so far. */
const MAX_EDGES_SEARCHED = 500_000
/** A longer cycle is shown without its middle. */
const MAX_NAMES_SHOWN = 12

type DeclaredAsset = Pick<Asset, 'name' | 'deps' | 'file'>

/** The assets of a project. Edges lead from an asset to what it depends on. */
type Dependencies = DirectedGraph<{ readonly index: number }>

/**
 * One problem for each group of assets that all depend on each other: a shortest cycle in the group,
 * with each edge at the line that declares it. `inputs`: the dependencies of `assets`, by index.
 */
export function cycleProblems(
  assets: readonly DeclaredAsset[],
  inputs: Adjacency,
): readonly Problem[] {
  const dependencies = dependencyGraph(assets.length, inputs)
  const indexOf = (node: string) => dependencies.getNodeAttribute(node, 'index')
  const groups = cyclicGroups(dependencies).map((group) =>
    group.toSorted((a, b) => indexOf(a) - indexOf(b)),
  )
  return groups
    .sort(([a], [b]) => indexOf(a!) - indexOf(b!))
    .map((group) => cycleProblem(shortestCycle(group, dependencies).map(indexOf), assets))
}

function dependencyGraph(size: number, inputs: Adjacency): Dependencies {
  const graph: Dependencies = new (graphology().DirectedGraph)()
  for (let index = 0; index < size; index++) graph.addNode(nodeKey(index), { index })
  for (let index = 0; index < size; index++) {
    for (const input of targetsOf(inputs, index)) {
      graph.addDirectedEdge(nodeKey(index), nodeKey(input))
    }
  }
  return graph
}

/**
 * The strongly connected components that contain a cycle. Kosaraju's algorithm: a search of the
 * reversed graph, in reverse order of finishing a search of the graph, finds one component at a time.
 */
function cyclicGroups(graph: Dependencies): readonly (readonly string[])[] {
  const visited = new Set<string>()
  const finished = graph
    .nodes()
    .flatMap((root) => finishOrder(root, (node) => graph.outNeighbors(node), visited))
  const grouped = new Set<string>()
  const groups = finished
    .reverse()
    .map((root) => finishOrder(root, (node) => graph.inNeighbors(node), grouped))
  return groups.filter(([node, ...others]) => {
    return node !== undefined && (others.length > 0 || graph.hasDirectedEdge(node, node))
  })
}

/**
 * The unvisited nodes that are reachable from `root`, in the order in which a depth-first search
 * finishes them. Iterative, because a chain of 50,000 assets would overflow the call stack.
 */
function finishOrder(
  root: string,
  neighbors: (node: string) => readonly string[],
  visited: Set<string>,
): readonly string[] {
  const finished: string[] = []
  const stack: { readonly node: string; readonly rest: Iterator<string> }[] = []
  const visit = (node: string) => {
    if (visited.has(node)) return
    visited.add(node)
    stack.push({ node, rest: neighbors(node).values() })
  }
  visit(root)
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.rest.next()
    if (!next.done) {
      visit(next.value)
      continue
    }
    stack.pop()
    finished.push(top.node)
  }
  return finished
}

/** The nodes of a shortest cycle in a group, each depending on the next and the last on the first. */
function shortestCycle(group: readonly string[], graph: Dependencies): readonly string[] {
  const inGroup = new Set(group)
  let shortest: readonly string[] | null = null
  let searched = 0
  for (const start of group) {
    if (shortest !== null && (shortest.length <= 1 || searched > MAX_EDGES_SEARCHED)) break
    const cameFrom = new Map<string, string>()
    let level: string[] = [start]
    const limit: number = shortest === null ? Number.POSITIVE_INFINITY : shortest.length - 1
    search: for (let length = 1; length <= limit && level.length > 0; length++) {
      const nextLevel: string[] = []
      for (const node of level) {
        for (const next of graph.outNeighbors(node)) {
          searched += 1
          if (next === start) {
            shortest = pathTo(node, start, cameFrom)
            break search
          }
          if (!inGroup.has(next) || cameFrom.has(next)) continue
          cameFrom.set(next, node)
          nextLevel.push(next)
        }
      }
      level = nextLevel
    }
  }
  return shortest ?? group
}

/** The path from `start` to `last`. */
function pathTo(
  last: string,
  start: string,
  cameFrom: ReadonlyMap<string, string>,
): readonly string[] {
  const path = [last]
  for (let node = last; node !== start; ) {
    node = cameFrom.get(node) ?? start
    path.push(node)
  }
  return path.reverse()
}

function cycleProblem(cycle: readonly number[], assets: readonly DeclaredAsset[]): Problem {
  const edges = cycle.map((index, k) => {
    const { name, deps, file } = assets[index]!
    const dependency = assets[cycle[(k + 1) % cycle.length]!]!.name
    return {
      name,
      message: `${name} depends on ${dependency}`,
      at: { file, path: ['assets', name, 'deps', deps.indexOf(dependency)] },
    }
  })
  const names = [...edges.map(({ name }) => name), edges[0]!.name]
  const shown =
    names.length <= MAX_NAMES_SHOWN + 1
      ? names
      : [
          ...names.slice(0, MAX_NAMES_SHOWN / 2),
          `… ${names.length - MAX_NAMES_SHOWN} more …`,
          ...names.slice(-MAX_NAMES_SHOWN / 2),
        ]
  const first = edges[0]!
  return {
    code: 'cycle',
    message:
      cycle.length === 1
        ? `${first.name} depends on itself`
        : `${first.name} depends on itself: ${shown.join(' → ')}`,
    at: first.at,
    related: edges.slice(1, MAX_NAMES_SHOWN).map(({ message, at }) => ({ message, at })),
    hint: 'remove one of these dependencies; → means "depends on"',
    asset: first.name,
    mistake: true,
  }
}
