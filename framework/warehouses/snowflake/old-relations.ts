import { fail, ok, ProblemError, type Result } from '../../model/problem.ts'
import type { Inspected } from '../../ports/warehouse.ts'
import { viewsThatRead } from '../view-sources.ts'
import { type Query, viewTexts } from './catalogue.ts'
import { qualified, relationName } from './names.ts'
import { type AccountLabel, problemOf } from './problems.ts'
import type { ReaderSettings } from './reader.ts'

/** `Session.viewsOver`: looks at the views of the target's database that the role may see. */
export async function viewsOver(
  query: Query,
  { database, schema }: ReaderSettings,
  label: AccountLabel,
  relations: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const views = await viewTexts(query, database)
    return viewsThatRead(relations, views, (relation) => {
      const name = relationName(relation, schema)
      return { ...name, database: name.database ?? database }
    })
  } catch (error) {
    const message = `the views of ${label.name} could not be listed`
    throw new ProblemError(problemOf(error, label, { code: 'warehouse-failed', message }))
  }
}

/** `Session.drop`. Problem `drop-failed`: the role does not own the relation. */
export async function dropRelation(
  query: Query,
  { database, schema }: ReaderSettings,
  label: AccountLabel,
  relation: string,
  kind: Inspected['kind'],
): Promise<Result<void>> {
  try {
    const address = qualified(database, relationName(relation, schema))
    await query(`drop ${kind} if exists ${address}`)
    return ok(undefined)
  } catch (error) {
    const message = `${relation} could not be dropped from ${label.name}`
    const hint = `drop it as a role that owns it: drop ${kind} ${relation}`
    return fail(problemOf(error, label, { code: 'drop-failed', message, hint }))
  }
}
