import type { ViewComparison, ViewStatement } from '../../ports/warehouse.ts'
import { type Column, shapeHash } from '../columns.ts'
import { definitionHash, keyOf, readCatalogue, resultType, type Within } from './catalogue.ts'
import { qualified, relationName } from './names.ts'
import { isStatementRefused } from './problems.ts'
import type { SqlClient } from './reader.ts'

/**
 * Compares views with what statements would create. Snowflake keeps the text of the statement that created a
 * view (https://docs.snowflake.com/en/sql-reference/sql/show-views), so the texts are compared, and the columns,
 * which a view keeps while `select *` would give others. Nothing is created. A view whose text the role may not
 * see, and a query that fails, is left out.
 */
export async function compareViews(
  { query, describe }: SqlClient,
  within: Within,
  wanted: ReadonlyMap<string, ViewStatement>,
): Promise<ReadonlyMap<string, ViewComparison>> {
  const catalogue = await readCatalogue(query, within, [...wanted.keys()])
  const compared = new Map<string, ViewComparison>()
  for (const [relation, { statement, query: sql }] of wanted) {
    const entry = catalogue.get(keyOf(relation, within))
    if (entry === undefined || entry.definition === null || entry.definition === '') continue
    const installed = definitionHash(entry.definition)
    if (plainText(entry.definition) !== plainText(statement)) {
      compared.set(relation, { is: 'other', installed })
      continue
    }
    // Both as columns of a result: the catalogue spells some types otherwise.
    const address = qualified(within.database, relationName(relation, within.schema))
    const shown = await columnsOf(describe, `select * from ${address}`)
    const columns = await columnsOf(describe, sql)
    if (shown === null || columns === null) continue
    const isSame = shapeHash(shown) === shapeHash(columns)
    compared.set(relation, { is: isSame ? 'same' : 'other', installed })
  }
  return compared
}

async function columnsOf(
  describe: SqlClient['describe'],
  sql: string,
): Promise<readonly Column[] | null> {
  try {
    return (await describe(sql)).map((column) => ({ name: column.name, type: resultType(column) }))
  } catch (error) {
    if (isStatementRefused(error)) return null
    throw error
  }
}

/**
 * The text of a statement without what can't count: space around it, a semicolon after it, and a comment of JSON
 * before or after it, which is what dbt adds. Another comment stays: a text that ends in one may be something else.
 */
export function plainText(sql: string): string {
  let text = ended(sql)
  const first = text.startsWith('/*') ? text.indexOf('*/') : -1
  if (first > 0 && isJson(text.slice(2, first))) text = text.slice(first + 2)
  const last = text.endsWith('*/') ? text.lastIndexOf('/*') : -1
  if (last > 0 && isJson(text.slice(last + 2, -2))) text = text.slice(0, last)
  return ended(text)
}

function ended(text: string): string {
  const trimmed = text.trim()
  return trimmed.endsWith(';') ? trimmed.slice(0, -1).trimEnd() : trimmed
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}
