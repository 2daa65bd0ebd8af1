import type { Graph } from '../graph/graph.ts'
import { bitsOf, indicesOf, NodeSet } from '../graph/node-set.ts'
import { ancestors } from '../graph/reach.ts'
import { withUnits } from '../staleness/units.ts'
import type { Request, World } from '../staleness/world.ts'

/** The nodes that a command is about. */
export interface Scope {
  /** The assets and checks that it names, without those that it excludes. */
  readonly selected: ReadonlySet<string>
  readonly excluded: ReadonlySet<string>
  /** Just the selection, without its ancestors. */
  readonly only: boolean
  /** `look`: the command builds nothing, so `always_new` assets and clock checks are not new. */
  readonly purpose: Request['purpose']
}

/** The scope of a command that builds nothing. */
export const NOTHING: Scope = {
  selected: new Set(),
  excluded: new Set(),
  only: true,
  purpose: 'look',
}

/** Every node of a graph. */
export function everything(graph: Graph, purpose: Request['purpose'] = 'run'): Scope {
  const selected = new NodeSet(graph, new Uint8Array(graph.size).fill(1))
  return { selected, excluded: new Set(), only: true, purpose }
}

/**
 * The selection and its ancestors, without what is excluded; every check that reads one of them; and
 * the rest of each unit that a stale one of them belongs to. The verdict of a check says whether it can
 * run. `now` in milliseconds since the epoch. Pure.
 */
export function requestOf(world: World, scope: Scope, now: number): Request {
  const asked = askedNodes(world.graph, scope)
  const wasAsked = (i: number) => asked[i] === 1
  return withUnits(world, { now, purpose: scope.purpose, inRun: wasAsked, wasAsked })
}

function askedNodes(graph: Graph, { selected, excluded, only }: Scope): Uint8Array {
  const seeds = bitsOf(graph, selected)
  const asked = only ? seeds.slice() : ancestors(graph, indicesOf(seeds))
  const left = bitsOf(graph, excluded)
  for (let i = 0; i < graph.size; i++) {
    if (seeds[i] === 1) asked[i] = 1
    if (left[i] === 1) asked[i] = 0
  }
  for (let check = graph.assetCount; check < graph.size; check++) {
    if (left[check] === 1) continue
    if (graph.inputs(check).some((input) => asked[input] === 1)) asked[check] = 1
  }
  return asked
}
