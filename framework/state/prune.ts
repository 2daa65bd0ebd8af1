import { parseDuration } from '../lib/duration.ts'
import type { AdapterSettings } from '../model/project.ts'
import type { Pruned, StateTools } from '../ports/state-tools.ts'
import type { Transaction } from './database.ts'
import { pruneEvents } from './run-events.ts'

/** How long runs and their steps are kept, in milliseconds, without `history:`. */
const DEFAULT_HISTORY = 90 * 24 * 3_600_000

/** The setting `history` of a state, in milliseconds. It was validated with the YAML. */
export function historyOf({ settings: { history } }: AdapterSettings): number {
  return (typeof history === 'string' ? parseDuration(history) : null) ?? DEFAULT_HISTORY
}

/** The newest runs of a target, which are kept whatever their age. */
const KEPT_RUNS = 100

/** Selects the runs of a target (first `?`) that began before a time (second), and are not among the newest (third). */
const OLD = 'target = ? and started_at < ? and id < ?'

/**
 * The values of `OLD`; null without runs. The newest runs are kept whatever the clock says, and the newest of all is never
 * deleted, so numbers are not used again.
 */
async function oldRuns(
  tx: Transaction,
  target: string,
  before: number,
): Promise<readonly [string, number, number] | null> {
  const [newest] = await tx.all<[number | null]>(
    `select min(id) from (select id from runs where target = ? order by id desc limit ${KEPT_RUNS}) as newest`,
    [target],
  )
  return newest?.[0] == null ? null : [target, before, newest[0]]
}

/** Deletes what `history` milliseconds have made old. `now`: milliseconds since the epoch. */
export async function pruneRuns(
  tx: Transaction,
  target: string,
  history: number,
  now: number,
): Promise<void> {
  await pruneEvents(tx, target)
  const old = await oldRuns(tx, target, now - history)
  if (old !== null) await deleteRuns(tx, old)
}

/** As `StateTools.prune`, in a transaction. */
export async function pruneBefore(
  tx: Transaction,
  { target, before, isDry }: Parameters<StateTools['prune']>[1],
): Promise<Pruned> {
  const old = await oldRuns(tx, target, before)
  if (old === null) return { runs: 0, steps: 0, oldest: null }
  const [[runs], [steps]] = await Promise.all([
    tx.all<[number]>(`select count(*) from runs where ${OLD}`, old),
    tx.all<[number]>(
      `select count(*) from steps where run in (select id from runs where ${OLD})`,
      old,
    ),
  ])
  if (!isDry && runs![0] > 0) await deleteRuns(tx, old)
  const [left] = await tx.all<[number | null]>(
    `select min(started_at) from runs where target = ? and (started_at >= ? or id >= ?)`,
    old,
  )
  return { runs: runs![0], steps: steps![0], oldest: left![0] }
}

async function deleteRuns(tx: Transaction, old: readonly [string, number, number]): Promise<void> {
  await tx.run(`delete from run_events where run in (select id from runs where ${OLD})`, old)
  await tx.run(`delete from steps where run in (select id from runs where ${OLD})`, old)
  await tx.run(`delete from runs where ${OLD}`, old)
}
