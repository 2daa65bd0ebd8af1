import type { Graph } from '../graph/graph.ts'
import type { Asset } from '../model/asset.ts'
import type { CodeVersionTable } from '../model/columns.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import type { StateSnapshot } from '../model/record.ts'

/** Everything a decision may look at, gathered before the first one is taken (law 6). */
export interface World {
  readonly graph: Graph
  readonly assets: ReadonlyMap<string, Asset>
  /** An asset without one here has a definition that is not known yet. */
  readonly definitions: ReadonlyMap<string, Definition>
  /** Code versions in columns, where a definition has no more to say. */
  readonly codes: CodeVersionTable
  /** The statements of ephemeral assets, hashed. */
  readonly inlined: ReadonlyMap<string, string>
  readonly checks: ReadonlyMap<string, Check>
  readonly state: StateSnapshot
  /** Empty when offline: decisions then rest on records and on what was observed last. */
  readonly observations: ReadonlyMap<string, Observation>
}

/** What a command asks of the world. `now` is the start of the run for every decision of it. */
export interface Request {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** `look`: what is new in each run, as a check that names the clock, is not new at each look. */
  readonly purpose?: 'run' | 'look'
  /** Whether this command may build the node with this index of the graph. */
  inRun(index: number): boolean
}
