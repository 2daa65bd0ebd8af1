import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { qualified, relationName } from '../../engines/duckdb/names.ts'
import { fail, ok, ProblemError, type Result } from '../../model/problem.ts'
import type { Inspected } from '../../ports/warehouse.ts'
import { viewsThatRead } from '../view-sources.ts'
import { problemOf } from './problems.ts'

/** `Session.viewsOver`. `file` is the path of the warehouse, for messages. */
export async function viewsOver(
  run: RunStatement,
  file: string,
  relations: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const database = await currentDatabase(run)
    const rows = await run(
      `select case when database_name = current_database() then '' else database_name || '.' end
         || schema_name || '.' || view_name, sql from duckdb_views()
       where not internal order by 1`,
    )
    const views = rows.map(([view, sql]) => ({ view: String(view), sql: textOf(sql) }))
    return viewsThatRead(relations, views, (relation) => {
      const name = relationName(relation)
      return { ...name, database: name.database ?? database }
    })
  } catch (error) {
    const message = `the views of ${file} could not be listed`
    throw new ProblemError(problemOf(error, file, { code: 'warehouse-failed', message }))
  }
}

/** `Session.drop`. Problem `drop-failed`: DuckDB refuses it, for example because of a foreign key. */
export async function dropRelation(
  run: RunStatement,
  file: string,
  relation: string,
  kind: Inspected['kind'],
): Promise<Result<void>> {
  try {
    const address = qualified(await currentDatabase(run), relationName(relation))
    await run(`drop ${kind} if exists ${address}`)
    return ok(undefined)
  } catch (error) {
    const message = `${relation} could not be dropped from ${file}`
    const hint = `drop it yourself: drop ${kind} ${relation}`
    return fail(problemOf(error, file, { code: 'drop-failed', message, hint }))
  }
}

const currentDatabase = async (run: RunStatement): Promise<string> =>
  String((await run('select current_database()'))[0]?.[0])

const textOf = (value: unknown): string | null =>
  value === null || value === undefined || value === '' ? null : String(value)
