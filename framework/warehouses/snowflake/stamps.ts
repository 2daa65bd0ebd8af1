import { fail, ok, type Result } from '../../model/problem.ts'
import type { Stamps } from '../../ports/warehouse.ts'
import type { Query } from './catalogue.ts'
import { qualified, relationName } from './names.ts'
import { problemOf, type Whereabouts } from './problems.ts'
import type { Place } from './reader.ts'

/**
 * Rows of a raw table in Airbyte's shape, and those that one sync wrote. Problem `relation-unreadable`:
 * it is gone, or is no such table.
 */
export async function readStamps(
  query: Query,
  { database, schema }: Place,
  where: Whereabouts,
  relation: string,
  syncId: number,
): Promise<Result<Stamps>> {
  const address = qualified(database, relationName(relation, schema))
  const sql = `select cast(count(*) as varchar) as counted,
    cast(count(case when cast("_AIRBYTE_META":sync_id as varchar) = '${syncId}' then 1 end) as varchar) as stamped
    from ${address}`
  try {
    const [row = {}] = await query(sql)
    return ok({ rows: Number(row.counted), ofSync: Number(row.stamped) })
  } catch (error) {
    return fail(
      problemOf(error, where, {
        code: 'relation-unreadable',
        message: `the rows of ${relation} on ${where.name} could not be told apart by their sync`,
      }),
    )
  }
}
