import { fail, ok, type Result } from '../../model/problem.ts'
import type { SyncRowCounts } from '../../ports/warehouse.ts'
import type { Query } from './catalogue.ts'
import { qualified, relationName } from './names.ts'
import { type AccountLabel, problemOf } from './problems.ts'
import type { ReaderSettings } from './reader.ts'

/**
 * Counts the rows of a raw table, and the rows that one sync wrote. Problem: `relation-unreadable` when the
 * table does not exist or is not a raw table of Airbyte.
 */
export async function countSyncRows(
  query: Query,
  { database, schema }: ReaderSettings,
  label: AccountLabel,
  relation: string,
  syncId: number,
): Promise<Result<SyncRowCounts>> {
  const address = qualified(database, relationName(relation, schema))
  const sql = `select cast(count(*) as varchar) as counted,
    cast(count(case when cast("_AIRBYTE_META":sync_id as varchar) = '${syncId}' then 1 end) as varchar) as stamped
    from ${address}`
  try {
    const [row = {}] = await query(sql)
    return ok({ rows: Number(row.counted), ofSync: Number(row.stamped) })
  } catch (error) {
    return fail(
      problemOf(error, label, {
        code: 'relation-unreadable',
        message: `the rows of ${relation} on ${label.name} could not be counted by sync`,
      }),
    )
  }
}
