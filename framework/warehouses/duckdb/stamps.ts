import { fail, ok, type Result } from '../../model/problem.ts'
import type { Stamps } from '../../ports/warehouse.ts'
import type { Run } from './engine.ts'
import { qualified, relationName } from './names.ts'
import { problemOf } from './problems.ts'

/** Counts the rows of a raw table and those that one sync wrote. `file` is the warehouse as people know it. */
export async function readStamps(
  run: Run,
  file: string,
  relation: string,
  syncId: number,
): Promise<Result<Stamps>> {
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
        message: `${relation} in ${file} does not tell which sync wrote it`,
      }),
    )
  }
}
