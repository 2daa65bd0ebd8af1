import { hash } from '../../lib/hash.ts'
import type { Column } from '../columns.ts'
import type { ViewText } from '../view-sources.ts'
import type { ResultColumn } from './driver.ts'
import { literal, qualified, quoted, relationName, shownName } from './names.ts'
import type { OtherDatabases } from './other-databases.ts'
import { isStatementRefused, nullIfRefused } from './problems.ts'

/** Runs one statement. Rows are objects with the column names in lower case. */
export type Query = (sql: string) => Promise<readonly Row[]>
export type Row = Readonly<Record<string, unknown>>

/** A relation in Snowflake's catalogue. `definition` is the SQL of a view, null for a table. */
export interface CatalogueEntry {
  /** Names as Snowflake stores them. */
  readonly columns: readonly Column[]
  readonly definition: string | null
  /** The change token; null for a view, and for a table without one. */
  readonly token: string | null
}

/** SHOW returns at most this many rows, without saying that there are more. */
const SHOW_LIMIT = 10_000

/** Where relations are looked for. */
export interface Within {
  readonly database: string
  /** The schema of a relation that names none. */
  readonly schema: string
  readonly others: OtherDatabases
}

/**
 * The catalogue entries of the relations that exist, by `keyOf`. Each schema takes three statements that
 * need no virtual warehouse: SHOW COLUMNS, SHOW VIEWS, and a SELECT of system functions. A schema with more
 * than 10,000 columns takes a query of INFORMATION_SCHEMA as well, which needs one.
 */
export async function readCatalogue(
  query: Query,
  within: Within,
  relations: readonly string[],
): Promise<ReadonlyMap<string, CatalogueEntry>> {
  const schemas = new Map<string, Schema>()
  for (const relation of relations) {
    const { database, schema, name } = relationName(relation, within.schema)
    const place = { database: database ?? within.database, schema }
    const key = JSON.stringify(place)
    const names = schemas.get(key)?.names ?? new Set()
    schemas.set(key, { ...place, names: names.add(name) })
  }
  const read = [...schemas.values()].map((schema) => readSchema(query, within, schema))
  return new Map((await Promise.all(read)).flat())
}

interface Schema {
  readonly database: string
  readonly schema: string
  /** The relations to look for. */
  readonly names: Set<string>
}

/** The key of a relation in `readCatalogue`. */
export function keyOf(relation: string, within: Within): string {
  const { database, schema, name } = relationName(relation, within.schema)
  return JSON.stringify([database ?? within.database, schema, name])
}

async function readSchema(
  query: Query,
  { database: own, others }: Within,
  { database, schema, names }: Schema,
): Promise<readonly (readonly [string, CatalogueEntry])[]> {
  const within = `in schema ${quoted(database)}.${quoted(schema)}`
  if (database !== own) {
    const refused = await whatIsRefused(query, database, within)
    if (refused === null) others.shown(database, schema)
    else others.refused(database, schema, refused)
    if (refused !== null) return []
  }
  const [columns, definitions] = await Promise.all([
    columnsShown(query, database, schema, within),
    viewsShown(query, within),
  ])
  const found = [...columns].filter(([name]) => names.has(name))
  const tables = found.flatMap(([name]) => (definitions.has(name) ? [] : [name]))
  const tokens = await tokensOf(
    query,
    tables.map((name) => qualified(database, { database, schema, name })),
  )
  const tokenByName = new Map(tables.map((name, at) => [name, tokens[at] ?? null]))
  return found.map(([name, columns]) => [
    JSON.stringify([database, schema, name]),
    {
      columns,
      definition: definitions.get(name) ?? null,
      token: tokenByName.get(name) ?? null,
    },
  ])
}

/** Whether the role may see a schema, in a database that it may see; null: it may. */
async function whatIsRefused(
  query: Query,
  database: string,
  within: string,
): Promise<'database' | 'schema' | null> {
  if ((await nullIfRefused(query(`show tables ${within} limit 1`))) !== null) return null
  const schemas = await nullIfRefused(query(`show schemas in database ${quoted(database)} limit 1`))
  return schemas === null ? 'database' : 'schema'
}

async function columnsShown(
  query: Query,
  database: string,
  schema: string,
  within: string,
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const shown = await noneIfRefused(query(`show columns ${within}`))
  const rows =
    shown.length < SHOW_LIMIT
      ? shown.map((row) => ({ ...row, type: showColumnsType(String(row.data_type)) }))
      : (await query(columnsQuery(database, schema))).map((row) => ({
          ...row,
          type: informationSchemaType(row),
        }))
  const columns = new Map<string, Column[]>()
  for (const row of rows as readonly (Row & { readonly type: string })[]) {
    const table = String(row.table_name)
    const before = columns.get(table) ?? []
    before.push({ name: String(row.column_name), type: row.type })
    columns.set(table, before)
  }
  return columns
}

function columnsQuery(database: string, schema: string): string {
  return `select table_name, column_name, data_type, numeric_precision, numeric_scale
    from ${quoted(database)}.information_schema.columns where table_schema = ${literal(schema)}
    order by table_name, ordinal_position`
}

/** The SQL of the views of a schema, by name. */
async function viewsShown(query: Query, within: string): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (;;) {
    const last = [...names.keys()].at(-1)
    const from = last === undefined ? '' : ` limit ${SHOW_LIMIT} from ${literal(last)}`
    const rows = await noneIfRefused(query(`show views ${within}${from}`))
    for (const row of rows) names.set(String(row.name), String(row.text))
    if (rows.length < SHOW_LIMIT) return names
  }
}

/**
 * The SQL of all views of a database; null where the role may not see it, as of a secure view. SHOW pages by
 * the name alone, which is not unique in a database, so more views than its limit take a query of
 * INFORMATION_SCHEMA, which needs a virtual warehouse.
 */
export async function viewTexts(query: Query, database: string): Promise<readonly ViewText[]> {
  const shown = await query(`show views in database ${quoted(database)}`)
  const rows =
    shown.length < SHOW_LIMIT
      ? shown
      : await query(
          `select table_schema as schema_name, table_name as name, view_definition as text
           from ${quoted(database)}.information_schema.views`,
        )
  return rows
    .filter(({ schema_name: schema }) => String(schema).toUpperCase() !== 'INFORMATION_SCHEMA')
    .map(({ schema_name: schema, name, text }) => ({
      view: `${shownName(String(schema))}.${shownName(String(name))}`,
      sql: text === null || text === undefined || text === '' ? null : String(text),
    }))
}

/**
 * The change tokens of tables, in order
 * (https://docs.snowflake.com/en/sql-reference/functions/system_last_change_commit_time). One object without
 * a token, or one deleted in the meantime, fails the whole statement. The list is then halved until that
 * object is isolated.
 */
async function tokensOf(
  query: Query,
  tables: readonly string[],
): Promise<readonly (string | null)[]> {
  if (tables.length === 0) return []
  const calls = tables.map((table, at) => `${tokenCall(table)} as t${at}`)
  try {
    const [row = {}] = await query(`select ${calls.join(', ')}`)
    return tables.map((_, at) => textOf(row[`t${at}`]))
  } catch (error) {
    if (!isStatementRefused(error)) throw error
    if (tables.length === 1) return [null]
    const half = Math.ceil(tables.length / 2)
    const parts = [tables.slice(0, half), tables.slice(half)]
    return (await Promise.all(parts.map((part) => tokensOf(query, part)))).flat()
  }
}

const tokenCall = (table: string): string =>
  `cast(system$last_change_commit_time(${literal(table)}) as varchar)`

export interface TableFacts {
  readonly bytes: number
  readonly rows: number
  readonly token: string
}

/** Size, rows and change token of a table; null for a view, which has none of them. */
export async function tableFacts(
  query: Query,
  own: string,
  relation: string,
  defaultSchema: string,
): Promise<TableFacts | null> {
  const { database: other, schema, name } = relationName(relation, defaultSchema)
  const database = other ?? own
  const sql = `select cast(bytes as varchar) as bytes, cast(row_count as varchar) as counted, ${tokenCall(qualified(own, { database, schema, name }))} as token
    from ${quoted(database)}.information_schema.tables
    where table_schema = ${literal(schema)} and table_name = ${literal(name)} and table_type = 'BASE TABLE'`
  const [row] = await noneIfRefused(query(sql))
  if (row === undefined) return null
  return { bytes: Number(row.bytes ?? 0), rows: Number(row.counted), token: String(row.token) }
}

/** Identifies the SQL of a view. */
export const definitionHash = (sql: string): string => hash(sql)

/** No rows when Snowflake refuses: the object does not exist, or the role may not see it. */
export const noneIfRefused = (rows: Promise<readonly Row[]>): Promise<readonly Row[]> =>
  rows.catch((error: unknown) => {
    if (isStatementRefused(error)) return []
    throw error
  })

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value)

/** The type of a column of SHOW COLUMNS: `{"type":"FIXED","precision":38,"scale":0,…}`. */
function showColumnsType(json: string): string {
  const { type, precision, scale } = JSON.parse(json) as {
    readonly type: string
    readonly precision?: number
    readonly scale?: number
  }
  return normalizedType(type, precision, scale)
}

/** The type of a column of INFORMATION_SCHEMA. */
function informationSchemaType({ data_type: type, numeric_precision, numeric_scale }: Row): string {
  return normalizedType(String(type), Number(numeric_precision), Number(numeric_scale))
}

/** The type of a column of a result. */
export const resultType = ({ type, precision, scale }: ResultColumn): string =>
  normalizedType(type, precision, scale)

/** One spelling for the three sources. It leaves out the length of texts and the precision of times. */
function normalizedType(type: string, precision?: number, scale?: number): string {
  const name = type.toUpperCase()
  switch (name) {
    case 'FIXED':
    case 'NUMBER':
      return `NUMBER(${precision ?? 38},${scale ?? 0})`
    case 'REAL':
      return 'FLOAT'
    case 'TEXT':
      return 'VARCHAR'
    default:
      return name
  }
}
