import type { Graph } from '../graph/graph.ts'
import { bitsOf, indicesOf } from '../graph/node-set.ts'
import { ancestors } from '../graph/reach.ts'
import type { Request } from '../staleness/world.ts'

/** What a command may build. */
export interface Scope {
  /** The assets and checks that were named, without what was excluded. */
  readonly selected: ReadonlySet<string>
  readonly excluded: ReadonlySet<string>
  /** Just the selection, not its ancestors. */
  readonly only: boolean
}

/**
 * The selection and its ancestors, less what was excluded, and every check that reads one of them;
 * whether a check can run is for its verdict to say. `now` in milliseconds since the epoch.
 */
export function requestOf(
  graph: Graph,
  scope: Scope,
  now: number,
  purpose: 'run' | 'look' = 'run',
): Request {
  const seeds = bitsOf(graph, scope.selected)
  const inRun = scope.only ? seeds.slice() : ancestors(graph, indicesOf(seeds))
  const excluded = bitsOf(graph, scope.excluded)
  for (let index = 0; index < graph.size; index++) {
    if (seeds[index] === 1) inRun[index] = 1
    if (excluded[index] === 1) inRun[index] = 0
  }
  for (let check = graph.assetCount; check < graph.size; check++) {
    if (scope.excluded.has(graph.names[check]!)) continue
    if (graph.inputs(check).some((input) => inRun[input] === 1)) inRun[check] = 1
  }
  return { now, purpose, inRun: (index) => inRun[index] === 1 }
}
