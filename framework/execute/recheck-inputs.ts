import type { KindName } from '../model/asset.ts'
import type { Observation } from '../model/observation.ts'
import type { Materialization } from '../model/record.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Kind, ObserveRequest } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { foundReason } from '../staleness/drift.ts'
import { factsOf, kindOf } from '../staleness/fold.ts'
import type { Ledger } from './run-state.ts'

/**
 * What these nodes read, through whatever is virtual: tables and definitions that somebody else may have
 * changed while the call was on, also what the call itself built first (SEMANTICS 1).
 */
export function standsOn(ledger: Ledger, nodes: Iterable<number>): readonly number[] {
  const { graph } = ledger.world
  const seen = new Set<number>()
  const open = [...nodes]
  const holders: number[] = []
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of graph.inputs(at)) {
      if (seen.has(input)) continue
      seen.add(input)
      if (ledger.isVirtual(input)) open.push(input)
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
  ledger: Ledger,
  holders: readonly number[],
  { kinds, site, isExclusive }: Looking,
): Promise<readonly number[]> {
  const byKind = new Map<KindName, number[]>()
  for (const index of holders) {
    const definition = ledger.world.definitions.get(ledger.name(index))
    if (definition === undefined || definition.form === 'ephemeral') continue
    if (ledger.settled[index]!.state !== 'settled') continue
    if (isExclusive && definition.relation !== null) continue
    const kind = kindOf(ledger.world, index)
    const group = byKind.get(kind)
    if (group === undefined) byKind.set(kind, [index])
    else group.push(index)
  }
  const moved: number[] = []
  for (const [name, group] of byKind) {
    const requests = group.map((index) => requestFor(ledger, index))
    const answer = await kinds.get(name)!.observe(requests, site)
    for (const index of group) {
      const observation = answer.ok ? answer.value.observations.get(ledger.name(index)) : undefined
      if (observation === undefined || hasMoved(ledger, index, observation)) moved.push(index)
    }
  }
  return moved
}

function requestFor(ledger: Ledger, index: number): ObserveRequest {
  const { asset, definition, seen } = factsOf(ledger.world, ledger.name(index))
  // No gate: what we wrote ourselves has moved it.
  return { asset, definition: definition!, record: recordOf(ledger, index), seen, gates: new Map() }
}

function recordOf(ledger: Ledger, index: number): Materialization | null {
  return ledger.committed.get(index) ?? factsOf(ledger.world, ledger.name(index)).record
}

function hasMoved(ledger: Ledger, index: number, now: Observation): boolean {
  const { asset, definition, observation } = factsOf(ledger.world, ledger.name(index))
  const { found } = now
  if (found.state === 'recorded') return false
  if (found.state !== 'present') return true
  if (definition!.form === 'view') return found.installed !== recordOf(ledger, index)?.installed
  const committed = ledger.committed.get(index)
  const before = observation?.found
  const token = committed?.token ?? (before?.state === 'present' ? before.token : null)
  if (token !== null && found.token !== null && token !== found.token) return true
  const record = recordOf(ledger, index)
  if (committed !== undefined || (record !== null && before?.state === 'recorded')) {
    return foundReason(record!, now, null) !== null
  }
  const settled = ledger.settled[index]!
  const seen = { content: found.version, token: found.token, shape: found.shape }
  const mode = modeOf(asset, definition!)
  if (mode === 'derived' || mode === 'always_new') return false
  return settled.state !== 'settled' || settled.version !== versionBy(mode, seen, settled, 0)
}
