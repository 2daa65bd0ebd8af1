import type { KindName } from '../model/asset.ts'
import type { Observation } from '../model/observation.ts'
import type { Materialization } from '../model/record.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Kind, ObserveRequest } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { driftReason } from '../staleness/drift.ts'
import { factsOf, kindOf } from '../staleness/fold.ts'
import type { RunState } from './run-state.ts'

/**
 * What these nodes read, through whatever is virtual: tables and definitions that somebody else may have
 * changed while the call was on, also what the call itself built first (SEMANTICS 1).
 */
export function standsOn(runState: RunState, nodes: Iterable<number>): readonly number[] {
  const { graph } = runState.world
  const seen = new Set<number>()
  const open = [...nodes]
  const holders: number[] = []
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of graph.inputs(at)) {
      if (seen.has(input)) continue
      seen.add(input)
      if (runState.isVirtual(input)) open.push(input)
      holders.push(input)
    }
  }
  return holders
}

export interface Looking {
  readonly kinds: ReadonlyMap<KindName, Kind>
  readonly site: Site
  /** A warehouse that one process at a time may open: nobody else writes while a call has it. */
  readonly isExclusive: boolean
}

/** Which of these assets don't hold what this run took them to hold, even if they hold it again. */
export async function movedAmong(
  runState: RunState,
  holders: readonly number[],
  { kinds, site, isExclusive }: Looking,
): Promise<readonly number[]> {
  const byKind = new Map<KindName, number[]>()
  for (const index of holders) {
    const definition = runState.world.definitions.get(runState.name(index))
    if (definition === undefined || definition.form === 'ephemeral') continue
    if (runState.settled[index]!.state !== 'settled') continue
    if (isExclusive && definition.relation !== null) continue
    const kind = kindOf(runState.world, index)
    const group = byKind.get(kind)
    if (group === undefined) byKind.set(kind, [index])
    else group.push(index)
  }
  const moved: number[] = []
  for (const [name, group] of byKind) {
    const requests = group.map((index) => requestFor(runState, index))
    const answer = await kinds.get(name)!.observe(requests, site)
    for (const index of group) {
      const observation = answer.ok
        ? answer.value.observations.get(runState.name(index))
        : undefined
      if (observation === undefined || hasMoved(runState, index, observation)) moved.push(index)
    }
  }
  return moved
}

function requestFor(runState: RunState, index: number): ObserveRequest {
  const { asset, definition, lastObserved } = factsOf(runState.world, runState.name(index))
  // No gate: what we wrote ourselves has moved it.
  return {
    asset,
    definition: definition!,
    record: recordOf(runState, index),
    lastObserved,
    changeTokens: new Map(),
  }
}

function recordOf(runState: RunState, index: number): Materialization | null {
  return runState.committed.get(index) ?? factsOf(runState.world, runState.name(index)).record
}

function hasMoved(runState: RunState, index: number, now: Observation): boolean {
  const { asset, definition, observation } = factsOf(runState.world, runState.name(index))
  const { found } = now
  if (found.state === 'recorded') return false
  if (found.state !== 'present') return true
  if (definition!.form === 'view') return found.installed !== recordOf(runState, index)?.installed
  const committed = runState.committed.get(index)
  const before = observation?.found
  const token = committed?.token ?? (before?.state === 'present' ? before.token : null)
  if (token !== null && found.token !== null && token !== found.token) return true
  const record = recordOf(runState, index)
  if (committed !== undefined || (record !== null && before?.state === 'recorded')) {
    return driftReason(record!, now, null) !== null
  }
  const settled = runState.settled[index]!
  const seen = { content: found.version, token: found.token, shape: found.shape }
  const mode = modeOf(asset, definition!)
  if (mode === 'derived' || mode === 'always_new') return false
  return settled.state !== 'settled' || settled.version !== versionBy(mode, seen, settled, 0)
}
