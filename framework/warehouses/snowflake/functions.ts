import { hash } from '../../lib/hash.ts'
import { calledName } from '../../model/function-relation.ts'
import type { Inspected } from '../../ports/warehouse.ts'
import { noneIfRefused, type Query, type Row, type Within } from './catalogue.ts'
import { quoted, type RelationName, relationName } from './names.ts'

/**
 * The functions that exist, one statement for each schema, which needs no virtual warehouse. To a reader a
 * function is like a view: its columns are the types of its arguments. SHOW does not tell its body, but the
 * time of its creation, which every CREATE OR REPLACE moves, so that stands for its definition.
 * (https://docs.snowflake.com/en/sql-reference/sql/show-user-functions)
 */
export async function inspectFunctions(
  query: Query,
  within: Pick<Within, 'database' | 'schema'>,
  relations: readonly string[],
): Promise<ReadonlyMap<string, Inspected>> {
  const names = relations.map((relation) => relationName(calledName(relation), within.schema))
  const schemaOf = ({ database, schema }: RelationName) =>
    `${quoted(database ?? within.database)}.${quoted(schema)}`
  const schemas = [...new Set(names.map(schemaOf))]
  const shown = await Promise.all(
    schemas.map((schema) => noneIfRefused(query(`show user functions in schema ${schema}`))),
  )
  const found = new Map<string, Inspected>()
  for (const [at, relation] of relations.entries()) {
    const name = names[at]!
    const inSchema = shown[schemas.indexOf(schemaOf(name))]!
    const own = inSchema.filter((row) => String(row.name) === name.name)
    if (own.length === 0) continue
    const shape = { relation, columns: hash(...own.map((row) => String(row.arguments)).sort()) }
    const installed = hash(...own.map(definitionOf).sort())
    found.set(relation, { kind: 'view', columns: [], shape, installed })
  }
  return found
}

function definitionOf({ created_on: created, language, arguments: types }: Row): string {
  const time = created instanceof Date ? created.getTime() : created
  return JSON.stringify([String(time), String(language), String(types)])
}
