import type { Clock } from '../ports/site.ts'
import type { Transaction } from './database.ts'
import { prunePast } from './history.ts'
import { pruneRuns } from './prune.ts'
import { refreshRecordSnapshot } from './record-snapshot.ts'

/** Maintenance at the end of a run. `history`: how long runs are kept, in milliseconds. It rewrites the record snapshot and prunes old records and runs. */
export async function maintain(
  tx: Transaction,
  target: string,
  { history, clock }: { readonly history: number; readonly clock: Clock },
): Promise<void> {
  await refreshRecordSnapshot(tx, target)
  await prunePast(tx, target)
  await pruneRuns(tx, target, history, clock())
}
