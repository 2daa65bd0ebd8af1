import type { State } from '../ports/state.ts'
import { recordObservation } from './changes.ts'
import { attempt, type Transaction } from './database.ts'
import { findProducer } from './history.ts'
import { acquire, type StoredLease } from './lease.ts'
import { liveLease, type StateContext } from './lease-row.ts'
import { readEvents } from './run-events.ts'
import { readDurations, readRun, readRuns, readSteps } from './runs.ts'
import { readSnapshot } from './snapshot.ts'

/** The property of a state that holds its context, for copying. A wrapper of a state must keep it. */
const CONTEXT = Symbol('context')

export function stateContextOf(state: State): StateContext {
  const { [CONTEXT]: context } = state as { readonly [CONTEXT]?: StateContext }
  if (context === undefined) throw new Error('the state was not created by stateOver')
  return context
}

/** The state over a migrated database, shared by all adapters. */
export function stateOver(context: StateContext): State {
  const { database } = context
  const held = new Set<StoredLease>()
  const read = <T>(use: (tx: Transaction) => Promise<T>) =>
    attempt(() => database.transaction('read', use))
  const liveRun = async (tx: Transaction, target: string) =>
    (await liveLease(tx, target, context))?.run ?? null

  const state: State & { readonly [CONTEXT]: StateContext } = {
    [CONTEXT]: context,
    snapshot: (target, want = 'records') =>
      read((tx) => readSnapshot(tx, target, () => liveRun(tx, target), want)),
    runs: (target, limit) =>
      read(async (tx) => readRuns(tx, target, limit, await liveRun(tx, target))),
    run: (id) => read((tx) => readRun(tx, id, (target) => liveRun(tx, target))),
    producer: (target, asset, version) => read((tx) => findProducer(tx, target, asset, version)),
    watch: (run, after) => read((tx) => readEvents(tx, run, after)),
    steps: (target, name, limit) => read((tx) => readSteps(tx, target, name, limit)),
    durations: (target) => read((tx) => readDurations(tx, target)),
    acquire: (request) =>
      attempt(async () => {
        const lease = await acquire(context, request)
        if (lease.busy === false) held.add(lease)
        return lease
      }),
    recordObservations: (target, changes) =>
      attempt(() =>
        database.transaction('write', async (tx) => {
          const now = context.clock()
          for (const each of changes) await recordObservation(tx, target, each, now)
        }),
      ),
    async close() {
      for (const lease of held) await attempt(() => lease.abandon())
      await database.close()
    },
  }
  return state
}
