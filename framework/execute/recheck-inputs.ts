import type { KindName } from '../model/asset.ts'
import type { Observation } from '../model/observation.ts'
import type { Materialization } from '../model/record.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Kind, ObserveRequest } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { driftReason } from '../staleness/drift.ts'
import { byKind } from './batches.ts'
import type { RunState } from './run-state.ts'

/**
 * The assets that these nodes read, through virtual assets: they can have changed while the call ran,
 * including those that the call built first (SEMANTICS 1). Pure.
 */
export function inputsBelow({ world }: RunState, nodes: Iterable<number>): readonly number[] {
  const seen = new Set<number>()
  const open = [...nodes]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of world.graph.inputs(at)) {
      if (seen.has(input)) continue
      seen.add(input)
      if (world.isVirtual(input)) open.push(input)
    }
  }
  return [...seen]
}

export interface Rechecking {
  readonly kinds: ReadonlyMap<KindName, Kind>
  readonly site: Site
  /** Only one process at a time may open the warehouse: others write nothing during a call. */
  readonly isExclusive: boolean
}

/** The assets whose version is not the one that this run used, or that were written to since. */
export async function movedAmong(
  runState: RunState,
  assets: readonly number[],
  { kinds, site, isExclusive }: Rechecking,
): Promise<readonly number[]> {
  const observable = assets.filter((i) => {
    const definition = runState.world.definition(i)
    if (definition === null || definition.form === 'ephemeral') return false
    if (runState.settled[i]!.state !== 'settled') return false
    // Files behind a view can be written by anyone.
    return !(isExclusive && definition.relation !== null && definition.outputs.length === 0)
  })
  const moved: number[] = []
  for (const [name, group] of byKind(runState, observable)) {
    const requests = group.map((i) => requestFor(runState, i))
    const answer = await kinds.get(name)!.observe(requests, site)
    for (const i of group) {
      const observation = answer.ok ? answer.value.observations.get(runState.name(i)) : undefined
      if (observation === undefined || hasMoved(runState, i, observation)) moved.push(i)
    }
  }
  return moved
}

function requestFor(runState: RunState, i: number): ObserveRequest {
  const { asset, definition, lastObserved } = runState.world.facts(i)
  const record = recordOf(runState, i)
  // Our own writes moved the change token of the warehouse, so it proves nothing now.
  return { asset, definition: definition!, record, lastObserved, changeTokens: new Map() }
}

function recordOf(runState: RunState, i: number): Materialization | null {
  return runState.committed.get(i) ?? runState.world.facts(i).record
}

function hasMoved(runState: RunState, i: number, now: Observation): boolean {
  const { asset, definition, observation } = runState.world.facts(i)
  const { found } = now
  if (found.state === 'recorded') return false
  if (found.state !== 'present') return true
  if (definition!.form === 'view') return found.installed !== recordOf(runState, i)?.installed
  const committed = runState.committed.get(i)
  const before = observation?.found
  const token = committed?.token ?? (before?.state === 'present' ? before.token : null)
  if (token !== null && found.token !== null && token !== found.token) return true
  const record = recordOf(runState, i)
  if (committed !== undefined || (record !== null && before?.state === 'recorded')) {
    return driftReason(record!, now, null) !== null
  }
  const settled = runState.settled[i]!
  const seen = { content: found.version, token: found.token, shape: found.shape }
  const mode = modeOf(asset, definition!)
  if (mode === 'derived' || mode === 'always_new') return false
  return settled.state !== 'settled' || settled.version !== versionBy(mode, seen, settled, 0)
}
