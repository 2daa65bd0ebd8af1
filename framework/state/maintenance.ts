import type { Transaction } from './database.ts'
import { prunePast } from './history.ts'
import { refreshRecordSnapshot } from './record-snapshot.ts'
import { pruneRuns } from './runs.ts'

/** Maintenance at the end of a run: rewrites the record snapshot and prunes old records and runs. */
export async function maintain(tx: Transaction, target: string): Promise<void> {
  await refreshRecordSnapshot(tx, target)
  await prunePast(tx, target)
  await pruneRuns(tx, target)
}
