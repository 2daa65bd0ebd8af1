import { type Adjacency, targetsOf } from '../lib/adjacency.ts'
import type { Asset } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'

/** Edges that may be walked in search of the shortest cycle of one knot before the best so far will do. */
const BUDGET = 500_000
/** Names and places of a cycle that are shown; a longer one is cut in the middle. */
const SHOWN = 12

/**
 * One problem for each knot (a group of assets that all depend on each other): a shortest cycle in
 * it, every edge at the line that declares it.
 */
export function cycleProblems(
  assets: readonly Pick<Asset, 'name' | 'deps' | 'file'>[],
  inputs: Adjacency,
): readonly Problem[] {
  return knots(inputs, assets.length).map((knot) => describe(shortestCycle(knot, inputs), assets))
}

/**
 * Strongly connected components that hold a cycle, members ascending, by first member. Tarjan's
 * algorithm with its own stack: a chain of 50,000 would overflow the language's.
 */
function knots(inputs: Adjacency, size: number): readonly (readonly number[])[] {
  const { starts, targets } = inputs
  const number = new Int32Array(size).fill(-1)
  const low = new Int32Array(size)
  const onStack = new Uint8Array(size)
  const stack = new Int32Array(size)
  const path = new Int32Array(size)
  const cursor = new Int32Array(size)
  const found: number[][] = []
  let height = 0
  let count = 0

  for (let root = 0; root < size; root++) {
    if (number[root] !== -1) continue
    let depth = -1
    const enter = (node: number) => {
      number[node] = low[node] = count++
      stack[height++] = node
      onStack[node] = 1
      path[++depth] = node
      cursor[node] = starts[node]!
    }
    enter(root)
    while (depth >= 0) {
      const node = path[depth]!
      if (cursor[node]! < starts[node + 1]!) {
        const next = targets[cursor[node]!]!
        cursor[node]! += 1
        if (number[next] === -1) enter(next)
        else if (onStack[next] === 1) low[node] = Math.min(low[node]!, number[next]!)
        continue
      }
      depth -= 1
      if (depth >= 0) low[path[depth]!] = Math.min(low[path[depth]!]!, low[node]!)
      if (low[node] !== number[node]) continue
      const knot: number[] = []
      let member: number
      do {
        member = stack[--height]!
        onStack[member] = 0
        knot.push(member)
      } while (member !== node)
      if (knot.length > 1 || targetsOf(inputs, node).includes(node)) {
        found.push(knot.sort((a, b) => a - b))
      }
    }
  }
  return found.sort((a, b) => a[0]! - b[0]!)
}

/** Members of a shortest cycle, each depending on the next and the last on the first. */
function shortestCycle(knot: readonly number[], inputs: Adjacency): readonly number[] {
  const inKnot = new Set(knot)
  let best: readonly number[] | null = null
  let walked = 0
  for (const start of knot) {
    if (best !== null && (best.length <= 1 || walked > BUDGET)) break
    const cameFrom = new Map<number, number>()
    let level: number[] = [start]
    const limit: number = best === null ? Number.POSITIVE_INFINITY : best.length - 1
    search: for (let length = 1; length <= limit && level.length > 0; length++) {
      const nextLevel: number[] = []
      for (const node of level) {
        for (const next of targetsOf(inputs, node)) {
          walked += 1
          if (next === start) {
            best = unwind(node, start, cameFrom)
            break search
          }
          if (!inKnot.has(next) || cameFrom.has(next)) continue
          cameFrom.set(next, node)
          nextLevel.push(next)
        }
      }
      level = nextLevel
    }
  }
  return best ?? knot
}

function unwind(
  last: number,
  start: number,
  cameFrom: ReadonlyMap<number, number>,
): readonly number[] {
  const cycle = [last]
  for (let node = last; node !== start; ) {
    node = cameFrom.get(node) ?? start
    cycle.push(node)
  }
  return cycle.reverse()
}

function describe(
  cycle: readonly number[],
  assets: readonly Pick<Asset, 'name' | 'deps' | 'file'>[],
): Problem {
  const edges = cycle.map((member, k) => {
    const { name, deps, file } = assets[member]!
    const needs = assets[cycle[(k + 1) % cycle.length]!]!.name
    return {
      name,
      message: `${name} depends on ${needs}`,
      at: { file, path: ['assets', name, 'deps', deps.indexOf(needs)] },
    }
  })
  const names = [...edges.map(({ name }) => name), edges[0]!.name]
  const shown =
    names.length <= SHOWN + 1
      ? names
      : [
          ...names.slice(0, SHOWN / 2),
          `… ${names.length - SHOWN} more …`,
          ...names.slice(-SHOWN / 2),
        ]
  const first = edges[0]!
  return {
    code: 'cycle',
    message:
      cycle.length === 1
        ? `${first.name} depends on itself`
        : `${first.name} depends on itself: ${shown.join(' → ')}`,
    at: first.at,
    related: edges.slice(1, SHOWN).map(({ message, at }) => ({ message, at })),
    hint: 'remove one of these dependencies; → reads "depends on"',
    asset: first.name,
    mistake: true,
  }
}
