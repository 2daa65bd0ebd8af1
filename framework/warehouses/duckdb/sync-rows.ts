import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { qualified, relationName } from '../../engines/duckdb/names.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { SyncRowCounts } from '../../ports/warehouse.ts'
import { problemOf } from './problems.ts'

/**
 * Counts the rows of a raw table, and the rows that one sync wrote. `file` is the path of the warehouse,
 * for messages. Problem: `relation-unreadable`.
 */
export async function countSyncRows(
  run: RunStatement,
  file: string,
  relation: string,
  syncId: number,
): Promise<Result<SyncRowCounts>> {
  const own = `json_extract_string(_airbyte_meta, '$.sync_id') = '${syncId}'`
  try {
    const catalog = String((await run('select current_database()'))[0]?.[0])
    const table = qualified(catalog, relationName(relation))
    const [row = []] = await run(`select count(*), count(*) filter (${own}) from ${table}`)
    return ok({ rows: Number(row[0]), ofSync: Number(row[1]) })
  } catch (error) {
    return fail(
      problemOf(error, file, {
        code: 'relation-unreadable',
        message: `the rows of ${relation} in ${file} could not be counted by sync`,
      }),
    )
  }
}
