import { ProblemError } from '../model/problem.ts'
import type { RowCounts, StateTools } from '../ports/state-tools.ts'
import { busy, refuseUsedNumbers } from './copy.ts'
import { copyRows, deleteRows, targetsIn } from './copy-rows.ts'
import { attempt, type Transaction } from './database.ts'
import { liveLease } from './lease-row.ts'
import { putRow } from './sealed-rows.ts'
import { stateContextOf } from './sql-state.ts'

/** As `StateTools.backup`. Problems: `state-corrupted` for damage, `state-not-empty`, those of the databases. */
export const backupState: StateTools['backup'] = async (from, to, target) => {
  const [source, sink] = [stateContextOf(from).database, stateContextOf(to).database]
  return attempt(() =>
    // One read transaction is one moment, whatever a run writes meanwhile.
    source.transaction('read', (read) =>
      sink.transaction('durable', async (write) => {
        const total: Record<string, number> = {}
        for (const each of target === null ? await targetsIn(read) : [target]) {
          add(total, await copyRows(read, write, each))
        }
        return total
      }),
    ),
  )
}

/**
 * As `StateTools.restore`. To the state that a backup gives, all that was built since is what another program did, and the
 * rules of drift hold. Three things say more than "as it was then", so they do not come back: change tokens, which
 * prove that nothing was written since; that an asset is as recorded, until it is observed again; and the
 * numbers of runs, which are not used twice.
 */
export const restoreState: StateTools['restore'] = async (backup, into, { target, command }) => {
  const source = stateContextOf(backup).database
  const context = stateContextOf(into)
  return attempt(() =>
    source.transaction('read', (read) =>
      context.database.transaction('durable', async (write) => {
        const targets = target === null ? await targetsIn(read) : [target]
        for (const each of targets) {
          const live = await liveLease(write, each, context)
          if (live !== null) throw new ProblemError(busy(each, live.run))
        }
        const number = Math.max(await lastRun(read), await lastRun(write)) + 1
        const total: Record<string, number> = {}
        for (const each of targets) {
          await deleteRows(write, each)
          await refuseUsedNumbers(read, write, each, null)
          add(total, await copyRows(read, write, each))
          await forgetObservations(write, each, context.clock())
        }
        await noteRestore(write, number, targets[0], command, context.clock())
        return total
      }),
    ),
  )
}

async function lastRun(tx: Transaction): Promise<number> {
  const [row] = await tx.all<[number]>('select coalesce(max(id), 0) from runs')
  return row![0]
}

/** So that nothing is fresh by the records alone (SEMANTICS 49d). `now`: milliseconds since the epoch. */
async function forgetObservations(tx: Transaction, target: string, now: number): Promise<void> {
  // What notes that a build was intended stays (SEMANTICS 43d).
  await tx.run(`delete from gates where target = ? and subject not like 'first_build:%'`, [target])
  const unknown = { at: now, version: null, shape: null, token: null, present: true }
  const names = await tx.all<[string]>('select name from records where target = ?', [target])
  for (const [name] of names) {
    await putRow(tx, 'observed', [target, name, now, JSON.stringify(unknown)])
  }
}

/** A run of the restore itself, so that the next run has a number that no other one had. */
async function noteRestore(
  tx: Transaction,
  run: number,
  target: string | undefined,
  command: string,
  now: number,
): Promise<void> {
  if (target === undefined) return
  await tx.run(
    `insert into runs (id, target, command, started_at, finished_at, outcome, counts)
     values (?, ?, ?, ?, ?, 'succeeded', '{}')`,
    [run, target, command, now, now],
  )
}

function add(total: Record<string, number>, more: RowCounts): void {
  for (const [table, count] of Object.entries(more)) total[table] = (total[table] ?? 0) + count
}
