import type { Graph } from '../graph/graph.ts'
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
  const seeds = indices(graph, scope.selected)
  const inRun = scope.only ? marked(graph, seeds) : ancestors(graph, seeds)
  for (const index of seeds) inRun[index] = 1
  for (const index of indices(graph, scope.excluded)) inRun[index] = 0
  for (let check = graph.assetCount; check < graph.size; check++) {
    if (scope.excluded.has(graph.names[check]!)) continue
    if (graph.inputs(check).some((input) => inRun[input] === 1)) inRun[check] = 1
  }
  return { now, purpose, inRun: (index) => inRun[index] === 1 }
}

function indices(graph: Graph, names: ReadonlySet<string>): number[] {
  return [...names].flatMap((name) => graph.indexOf(name) ?? [])
}

function marked(graph: Graph, seeds: readonly number[]): Uint8Array {
  const marks = new Uint8Array(graph.size)
  for (const index of seeds) marks[index] = 1
  return marks
}
