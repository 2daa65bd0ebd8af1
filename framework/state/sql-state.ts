import type { State } from '../ports/state.ts'
import { recordObservation } from './changes.ts'
import { attempt, type Transaction } from './database.ts'
import { findProducer } from './history.ts'
import { acquire, liveLease, type StateContext, type StoredLease } from './lease.ts'
import { readDurations, readRun, readRuns } from './runs.ts'
import { readSnapshot } from './snapshot.ts'

/** Where a state carries what it works with, for copying it; whoever wraps a state takes it along. */
const OFFICE = Symbol('office')

export function stateContextOf(state: State): StateContext {
  const { [OFFICE]: office } = state as { readonly [OFFICE]?: StateContext }
  if (office === undefined) throw new Error('a state that was not made by stateOver')
  return office
}

/** The state over any database that has the newest schema: what all adapters have in common. */
export function stateOver(office: StateContext): State {
  const { database } = office
  const held = new Set<StoredLease>()
  const read = <T>(use: (tx: Transaction) => Promise<T>) =>
    attempt(() => database.transaction('read', use))
  const liveRun = async (tx: Transaction, target: string) =>
    (await liveLease(tx, target, office))?.run ?? null

  const state: State & { readonly [OFFICE]: StateContext } = {
    [OFFICE]: office,
    snapshot: (target, want = 'records') =>
      read((tx) => readSnapshot(tx, target, () => liveRun(tx, target), want)),
    runs: (target, limit) =>
      read(async (tx) => readRuns(tx, target, limit, await liveRun(tx, target))),
    run: (id) => read((tx) => readRun(tx, id, (target) => liveRun(tx, target))),
    producer: (target, asset, version) => read((tx) => findProducer(tx, target, asset, version)),
    durations: (target) => read((tx) => readDurations(tx, target)),
    acquire: (request) =>
      attempt(async () => {
        const lease = await acquire(office, request)
        if (!lease.busy) held.add(lease)
        return lease
      }),
    recordObservations: (target, notes) =>
      attempt(() =>
        database.transaction('write', async (tx) => {
          for (const each of notes) await recordObservation(tx, target, each)
        }),
      ),
    async close() {
      for (const lease of held) await attempt(() => lease.abandon())
      await database.close()
    },
  }
  return state
}
