import {
  copyStatement,
  orderedQuery,
  plainQuery,
  type QueryColumn,
  writtenColumns,
} from '../../engines/duckdb/copy.ts'
import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { literal, qualified, relationName } from '../../engines/duckdb/names.ts'
import { trimEndOf } from '../../lib/trim-end.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import { problemOf } from './problems.ts'
import { describe } from './reader.ts'

/**
 * Writes a relation or a query to a CSV or Parquet file. Equal data gives equal bytes. `file` is the
 * path of the warehouse, for messages. Problems: `export-failed`, `unknown-column`,
 * `column-collision`, `disk-full`, `warehouse-memory`, `cancelled`.
 */
export async function exportRows(
  run: RunStatement,
  file: string,
  request: ExportRequest,
): Promise<Result<{ readonly rows: number }>> {
  try {
    const source = await sourceOf(run, request)
    const columns = await describe(run, source)
    const query = orderedQuery(
      source,
      columns,
      request,
      await withTieBreakers(run, request, columns),
    )
    const written =
      request.plain === true ? plainQuery(query, writtenColumns(columns, request.columns)) : query
    const rows = await run(copyStatement(written, request))
    return ok({ rows: Number(rows[0]?.[0] ?? 0) })
  } catch (error) {
    return fail(
      problemOf(error, file, {
        code: 'export-failed',
        message:
          'relation' in request.from
            ? `${request.from.relation} could not be read from ${file}`
            : `the query could not be run on ${file}`,
      }),
    )
  }
}

async function sourceOf(run: RunStatement, { from }: ExportRequest): Promise<string> {
  // The query may end in a line comment, so the parenthesis goes on a new line.
  if ('query' in from) return `(\n${trimEndOf(from.query, /[\s;]/)}\n)`
  const catalog = String((await run('select current_database()'))[0]?.[0])
  return qualified(catalog, relationName(from.relation))
}

/**
 * The query with ties of its own ORDER BY broken by every column, or null when it has no ORDER BY or
 * the request has an `order_by`. DuckDB's parser finds the ORDER BY: the statement is serialized to
 * JSON, and the terms of a generated `order by 1, 2, …` are appended to its terms there.
 */
async function withTieBreakers(
  run: RunStatement,
  { from, orderBy }: ExportRequest,
  columns: readonly QueryColumn[],
): Promise<string | null> {
  if (!('query' in from) || orderBy.length > 0) return null
  const parsed = await parse(run, from.query)
  if (parsed === null) return null
  const ties = await parse(run, `select 1 order by ${columns.map((_, at) => at + 1).join(', ')}`)
  const more = ties?.orders.slice(1) ?? ']'
  // The JSON is edited as text: JavaScript would round its large numbers.
  const statement = parsed.json.replace(
    `"orders":${parsed.orders}`,
    () => `"orders":${parsed.orders.slice(0, -1)},${more}`,
  )
  const [row] = await run(`select json_deserialize_sql(${literal(statement)}::json)`)
  return String(row?.[0])
}

/** A statement as DuckDB's JSON, and the terms of its ORDER BY, both as text. Null without ORDER BY. */
async function parse(
  run: RunStatement,
  query: string,
): Promise<{ readonly json: string; readonly orders: string } | null> {
  const [row] = await run(`select json_serialize_sql(${literal(query)})::varchar`)
  const json = String(row?.[0])
  const modifiers = (JSON.parse(json) as SerializedSql).statements?.[0]?.node.modifiers ?? []
  const at = modifiers.findIndex(({ type }) => type === 'ORDER_MODIFIER')
  if (at < 0) return null
  const path = `$.statements[0].node.modifiers[${at}].orders`
  const [orders] = await run(`select (${literal(json)}::json -> ${literal(path)})::varchar`)
  return { json, orders: String(orders?.[0]) }
}

/** The part of DuckDB's JSON that is read. A statement that DuckDB can't serialize has no `statements`. */
interface SerializedSql {
  readonly statements?: readonly {
    readonly node: { readonly modifiers: readonly { readonly type: string }[] }
  }[]
}
