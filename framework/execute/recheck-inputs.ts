import type { KindName } from '../model/asset.ts'
import type { Observation } from '../model/observation.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Kind, ObserveRequest } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { driftReason } from '../staleness/drift.ts'
import { adoptsDrift } from '../staleness/full-refresh.ts'
import { byKind } from './batches.ts'
import type { RunState } from './run-state.ts'
import type { Touched } from './side-writes.ts'

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
  /** Only one process at a time may open the warehouse: only the call itself can write meanwhile. */
  readonly isExclusive: boolean
}

/**
 * Observes again what a call may have changed: the inputs of its steps, and what its side writes touched.
 * `moved`: the assets whose version is not the one that this run used, or that were written to since.
 * `observed`: what is at the assets of `touched` now; null if that is not known.
 */
export async function recheck(
  runState: RunState,
  inputs: readonly number[],
  touched: ReadonlyMap<number, Touched>,
  { kinds, site, isExclusive }: Rechecking,
): Promise<{
  readonly moved: readonly number[]
  readonly observed: ReadonlyMap<number, Observation | null>
}> {
  // The call keeps others out of such a warehouse, but files behind a view can be written by anyone.
  const isKept = (i: number) => {
    const { relation, outputs } = runState.world.definition(i) ?? { relation: null, outputs: [] }
    return isExclusive && relation !== null && outputs.length === 0
  }
  const others = inputs.filter((i) => !isKept(i))
  const observable = [...new Set([...touched.keys(), ...others])].filter((i) => {
    const definition = runState.world.definition(i)
    if (definition === null || definition.form === 'ephemeral') return false
    return touched.has(i) || runState.settled[i]!.state === 'settled'
  })
  const moved: number[] = []
  const observed = new Map<number, Observation | null>()
  for (const [name, group] of byKind(runState, observable)) {
    const requests = group.map((i) => requestFor(runState, i))
    const answer = await kinds.get(name)!.observe(requests, site)
    for (const i of group) {
      const observation = answer.ok ? answer.value.observations.get(runState.name(i)) : undefined
      const touch = touched.get(i)
      if (touch !== undefined) observed.set(i, observation ?? null)
      if (runState.settled[i]!.state !== 'settled') continue
      if (observation === undefined || hasMoved(runState, i, observation, touch)) moved.push(i)
    }
  }
  return { moved, observed }
}

function requestFor(runState: RunState, i: number): ObserveRequest {
  const { asset, definition, record, lastObserved } = runState.facts(i)
  // Our own writes moved the change token of the warehouse, so it proves nothing now.
  return {
    asset,
    definition: definition!,
    record,
    lastObserved,
    warehouseToken: null,
    sparing: true,
  }
}

function hasMoved(
  runState: RunState,
  i: number,
  now: Observation,
  touched: Touched | undefined,
): boolean {
  const { asset, definition, record } = runState.facts(i)
  const { found } = now
  if (found.state === 'recorded') return false
  if (found.state !== 'present') return true
  if (definition!.form === 'view') return found.installed !== record?.installed
  const mode = modeOf(asset, definition!)
  const isLookedAt = mode !== 'derived' && mode !== 'always_new'
  // Its policy keeps what others write, and its version says nothing of it.
  if (!isLookedAt && adoptsDrift(asset, definition)) return false
  if (isLookedAt && touched?.isProvable === false) return true
  const committed = runState.committed.get(i)
  const before = runState.world.facts(i).observation?.found
  const token = committed?.token ?? (before?.state === 'present' ? before.token : null)
  if (token !== null && found.token !== null && token !== found.token) return true
  if (committed !== undefined || (record !== null && before?.state === 'recorded')) {
    return driftReason(record!, now, null) !== null
  }
  if (!isLookedAt) return false
  const settled = runState.settled[i]!
  const seen = { content: found.version, token: found.token, shape: found.shape }
  return settled.state !== 'settled' || settled.version !== versionBy(mode, seen, settled, 0)
}
