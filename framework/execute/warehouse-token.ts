import { moveOf } from '../model/place.ts'
import type { Lease } from '../ports/state.ts'
import type { Warehouse } from '../ports/warehouse.ts'
import { driftReason } from '../staleness/drift.ts'
import { proofChanges } from '../staleness/warehouse-proof.ts'
import type { RunState } from './run-state.ts'

/**
 * Records the change token of the warehouse, which lets the next command prove that nothing changed.
 * Only if every record matches what exists now. Otherwise the token would prove that nothing changed
 * although some drift was not rebuilt, or a failed build left half of a table.
 */
export async function recordWarehouseToken(
  runState: RunState,
  lease: Lease,
  warehouse: Warehouse,
): Promise<void> {
  const token = everyRecordMatches(runState) ? await warehouse.changeToken() : null
  await lease.write(proofChanges(token, notLookedAt(runState)))
}

/** The assets that the state knows and the project does not have at present: nothing looked at them. */
function notLookedAt({ world: { state, graph } }: RunState): readonly string[] {
  const known = new Set([...state.records.keys(), ...state.observed.keys()])
  return [...known].filter((name) => graph.indexOf(name) === undefined)
}

function everyRecordMatches(runState: RunState): boolean {
  const { world } = runState
  for (const [i, observation] of runState.touched) {
    if (observation === null) return false
    const { record } = runState.facts(i)
    if (record !== null && driftReason(record, observation, null) !== null) return false
  }
  for (const [name, record] of world.state.records) {
    const i = world.graph.indexOf(name)
    if (i === undefined || record.shape?.relation == null || isCommitted(runState, i)) continue
    const observation = world.parts.observations.get(name) ?? null
    if (observation === null || runState.begun.has(i)) return false
    const definition = world.definition(i)
    if (definition !== null && moveOf(record, definition) !== null) return false
    if (driftReason(record, observation, null) !== null) return false
  }
  return true
}

function isCommitted(runState: RunState, i: number): boolean {
  const state = runState.outcome[i]?.state
  return state === 'built' || state === 'unchanged' || state === 'adopted'
}
