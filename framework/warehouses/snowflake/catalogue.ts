import { hash } from '../../lib/hash.ts'
import type { Column } from '../columns.ts'
import type { ResultColumn } from './driver.ts'
import { literal, qualified, quoted, relationName } from './names.ts'
import { isRefused } from './problems.ts'

/** One statement, and its rows by the names of its columns, in small letters. */
export type Query = (sql: string) => Promise<readonly Row[]>
export type Row = Readonly<Record<string, unknown>>

/** What the account says of a relation; `definition` is a view's SQL, null for a table. */
export interface Entry {
  /** Names as Snowflake keeps them. */
  readonly columns: readonly Column[]
  readonly definition: string | null
  /** Moves with every write; null for a view, and where there is none. */
  readonly token: string | null
}

/** SHOW gives no more rows than this, and says nothing of the rest. */
const SHOWN = 10_000

/**
 * The entries of those of the relations that exist, by `keyOf`. Three statements a schema, none of which
 * wakes a virtual warehouse: SHOW COLUMNS and SHOW VIEWS, and a SELECT of system functions alone. A schema
 * with more than 10,000 columns takes one of INFORMATION_SCHEMA besides, which needs a warehouse.
 */
export async function readCatalogue(
  query: Query,
  database: string,
  fallback: string,
  relations: readonly string[],
): Promise<ReadonlyMap<string, Entry>> {
  const schemas = new Map<string, Set<string>>()
  for (const relation of relations) {
    const { schema, name } = relationName(relation, fallback)
    const names = schemas.get(schema) ?? new Set()
    schemas.set(schema, names.add(name))
  }
  const read = [...schemas].map(([schema, names]) => readSchema(query, database, schema, names))
  return new Map((await Promise.all(read)).flat())
}

/** How `readCatalogue` calls a relation. */
export function keyOf(relation: string, fallback: string): string {
  const { schema, name } = relationName(relation, fallback)
  return JSON.stringify([schema, name])
}

async function readSchema(
  query: Query,
  database: string,
  schema: string,
  names: ReadonlySet<string>,
): Promise<readonly (readonly [string, Entry])[]> {
  const within = `in schema ${quoted(database)}.${quoted(schema)}`
  const [columns, definitions] = await Promise.all([
    columnsShown(query, database, schema, within),
    viewsShown(query, within),
  ])
  const found = [...columns].filter(([name]) => names.has(name))
  const tables = found.flatMap(([name]) => (definitions.has(name) ? [] : [name]))
  const tokens = await tokensOf(
    query,
    tables.map((name) => qualified(database, { schema, name })),
  )
  const tokenByName = new Map(tables.map((name, at) => [name, tokens[at] ?? null]))
  return found.map(([name, columns]) => [
    JSON.stringify([schema, name]),
    {
      columns,
      definition: definitions.get(name) ?? null,
      token: tokenByName.get(name) ?? null,
    },
  ])
}

async function columnsShown(
  query: Query,
  database: string,
  schema: string,
  within: string,
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const shown = await orNone(query(`show columns ${within}`))
  const rows =
    shown.length < SHOWN
      ? shown.map((row) => ({ ...row, type: shownType(String(row.data_type)) }))
      : (await query(columnsQuery(database, schema))).map((row) => ({
          ...row,
          type: toldType(row),
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

/** SQL of the views of a schema, by name. */
async function viewsShown(query: Query, within: string): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (;;) {
    const last = [...names.keys()].at(-1)
    const from = last === undefined ? '' : ` limit ${SHOWN} from ${literal(last)}`
    const rows = await orNone(query(`show views ${within}${from}`))
    for (const row of rows) names.set(String(row.name), String(row.text))
    if (rows.length < SHOWN) return names
  }
}

/**
 * A token for each table that moves with every write to it
 * (https://docs.snowflake.com/en/sql-reference/functions/system_last_change_commit_time). One object that
 * has none, or is gone by now, must not hide the others: the list is halved until it is found.
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
    if (!isRefused(error)) throw error
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

/** Size, rows and token of a table; null for a view, which has none of them. */
export async function tableFacts(
  query: Query,
  database: string,
  relation: string,
  fallback: string,
): Promise<TableFacts | null> {
  const { schema, name } = relationName(relation, fallback)
  const sql = `select cast(bytes as varchar) as bytes, cast(row_count as varchar) as counted, ${tokenCall(qualified(database, { schema, name }))} as token
    from ${quoted(database)}.information_schema.tables
    where table_schema = ${literal(schema)} and table_name = ${literal(name)} and table_type = 'BASE TABLE'`
  const [row] = await orNone(query(sql))
  if (row === undefined) return null
  return { bytes: Number(row.bytes ?? 0), rows: Number(row.counted), token: String(row.token) }
}

/** What a definition is known by later. */
export const definitionHash = (sql: string): string => hash(sql)

/** What isn't there, or may not be seen, is not there for us. */
const orNone = (rows: Promise<readonly Row[]>): Promise<readonly Row[]> =>
  rows.catch((error: unknown) => {
    if (isRefused(error)) return []
    throw error
  })

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value)

/** A type as SHOW COLUMNS gives it: `{"type":"FIXED","precision":38,"scale":0,…}`. */
function shownType(json: string): string {
  const { type, precision, scale } = JSON.parse(json) as {
    readonly type: string
    readonly precision?: number
    readonly scale?: number
  }
  return spelled(type, precision, scale)
}

/** A type as INFORMATION_SCHEMA gives it. */
function toldType({ data_type: type, numeric_precision, numeric_scale }: Row): string {
  return spelled(String(type), Number(numeric_precision), Number(numeric_scale))
}

/** A type as the result of a query gives it. */
export const resultType = ({ type, precision, scale }: ResultColumn): string =>
  spelled(type, precision, scale)

/** One spelling for all three; the length of text and the precision of times are no difference to us. */
function spelled(type: string, precision?: number, scale?: number): string {
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
