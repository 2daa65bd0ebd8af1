import type { Transaction } from './database.ts'
import { prunePast } from './history.ts'
import { refreshRecordSnapshot } from './record-snapshot.ts'
import { pruneRuns } from './runs.ts'

/** What a run leaves in order for the next: quick to read, and no larger than it needs to be. */
export async function tidy(tx: Transaction, target: string): Promise<void> {
  await refreshRecordSnapshot(tx, target)
  await prunePast(tx, target)
  await pruneRuns(tx, target)
}
