import { existsSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

/** Relations by `schema.name`: the typed columns, and every row as text, sorted. */
export type Content = Readonly<Record<string, RelationContent>>

export interface RelationContent {
  /** `BASE TABLE` or `VIEW`. */
  readonly type: string
  /** `name type`, in order. */
  readonly columns: readonly string[]
  readonly rows: readonly string[]
}

const RELATIONS = `
  select table_schema, table_name, table_type, column_name, data_type
  from information_schema.columns join information_schema.tables using (table_catalog, table_schema, table_name)
  where table_catalog = current_database() and table_schema not like '\\_\\_assets%' escape '\\'
    and column_name not like '\\_airbyte\\_%' escape '\\'
  order by table_schema, table_name, ordinal_position`

/**
 * Everything that a DuckDB file holds. A relation that can't be read has the error as its content. A file
 * that does not exist holds nothing. `shown`: the expression to compare in place of a quoted column; null
 * leaves the column out.
 */
export async function contentOf(
  file: string,
  shown: (column: string) => string | null = (column) => column,
): Promise<Content> {
  if (!existsSync(file)) return {}
  const instance = await DuckDBInstance.create(file)
  try {
    const connection = await instance.connect()
    await connection.run("set timezone = 'UTC'")
    const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()
    const types = new Map<string, string>()
    const typed = new Map<string, [string, string][]>()
    for (const [schema, table, type, column, dataType] of await rowsOf(RELATIONS)) {
      const relation = `${schema}.${table}`
      const columns = typed.get(relation) ?? []
      types.set(relation, String(type))
      typed.set(relation, columns)
      columns.push([String(column), String(dataType)])
    }
    const content: Record<string, RelationContent> = {}
    for (const [relation, columns] of typed) {
      const address = relation.split('.').map(quoted).join('.')
      const values = columns.map(([name]) => shown(quoted(name))).filter((value) => value !== null)
      const rows = await rowsOf(
        `select (row(${values.join(', ')}))::varchar as r from ${address} order by 1`,
      ).then(
        (found) => found.map(([row]) => String(row)),
        (error: Error) => [`error: ${error.message.split('\n')[0]}`],
      )
      content[relation] = {
        type: types.get(relation)!,
        columns: columns.map((pair) => pair.join(' ')),
        rows,
      }
    }
    connection.closeSync()
    return content
  } finally {
    instance.closeSync()
  }
}

/** Runs statements on a DuckDB file and returns the first value of the last one. */
export async function ask(file: string, ...statements: readonly string[]): Promise<unknown> {
  const instance = await DuckDBInstance.create(file)
  try {
    const connection = await instance.connect()
    let value: unknown = null
    for (const sql of statements) value = (await connection.runAndReadAll(sql)).getRows()[0]?.[0]
    connection.closeSync()
    return value
  } finally {
    instance.closeSync()
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
