import type { Transaction } from './database.ts'
import { prunePast } from './history.ts'
import { refreshSheets } from './record-snapshot.ts'
import { pruneRuns } from './runs.ts'

/** What a run leaves in order for the next: quick to read, and no larger than it needs to be. */
export async function tidy(tx: Transaction, target: string): Promise<void> {
  await refreshSheets(tx, target)
  await prunePast(tx, target)
  await pruneRuns(tx, target)
}
