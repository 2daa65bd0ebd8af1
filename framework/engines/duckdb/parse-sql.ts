import type { Json } from '../../lib/json.ts'
import type { SqlParser } from '../../ports/sql.ts'

/** A parser of SQL in DuckDB's dialect. It opens a database in memory, and looks up no table. */
export async function createSqlParser(): Promise<SqlParser> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  return {
    async parse(sql) {
      const query = 'select cast(json_serialize_sql(cast($sql as varchar)) as varchar)'
      const found = await connection.runAndReadAll(query, { sql })
      const tree = JSON.parse(String(found.getRows()[0]?.[0])) as {
        readonly error: boolean
        readonly statements?: readonly { readonly node: Json }[]
      }
      const [first, ...more] = tree.statements ?? []
      return tree.error || first === undefined || more.length > 0 ? null : first.node
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
