import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { literal, qualified, relationName } from '../../engines/duckdb/names.ts'
import { hash } from '../../lib/hash.ts'
import { calledName, isFunctionRelation } from '../../model/function-relation.ts'
import { fail, ok, ProblemError, type Result } from '../../model/problem.ts'
import type { ColumnDigest, Fingerprint, Inspected, Reader } from '../../ports/warehouse.ts'
import {
  type Column,
  columnsLeftOut,
  contentColumns,
  contentQuery,
  digestsQuery,
  shapeHash,
  tableToken,
  versionOfContent,
} from './fingerprint.ts'
import { problemOf } from './problems.ts'
import { normalizedViewSql } from './view-text.ts'

/**
 * Reads a DuckDB file over the connection that has it open: our session's, or dbt's during a loan. `file`
 * is the path of the warehouse, for messages. `database` is the attached database to read; default:
 * the current one.
 */
export function createReader(run: RunStatement, file: string, database?: string): Reader {
  let catalog: Promise<string> | null = database === undefined ? null : Promise.resolve(database)
  const unreadable = (error: unknown, relation: string) =>
    problemOf(error, file, {
      code: 'relation-unreadable',
      message: `${relation} can't be read from ${file}`,
      hint: 'build it again: it was deleted, or a view in it uses a column that no longer exists',
    })
  const address = async (relation: string): Promise<string> => {
    catalog ??= run('select current_database()').then((rows) => String(rows[0]?.[0]))
    return qualified(await catalog, relationName(relation))
  }
  return {
    async inspect(relations) {
      try {
        return await inspect(run, address, relations)
      } catch (error) {
        const message = `the relations of ${file} could not be inspected`
        throw new ProblemError(problemOf(error, file, { code: 'warehouse-failed', message }))
      }
    },
    async fingerprint(relation, { volatile, token }): Promise<Result<Fingerprint>> {
      try {
        const from = await address(relation)
        const columns = await describe(run, from)
        const content = contentColumns(columns, volatile)
        const all = token === true ? columns : null
        const [row = []] = await run(contentQuery(from, content, all))
        return ok({
          version: versionOfContent(content, row, columnsLeftOut(columns, volatile)),
          shape: { relation, columns: shapeHash(columns) },
          rows: Number(row[1]),
          bytes: null,
          token: all === null ? null : tableToken(all, row),
        })
      } catch (error) {
        return fail(unreadable(error, relation))
      }
    },
    async digests(relation, { volatile }): Promise<Result<readonly ColumnDigest[]>> {
      try {
        const from = await address(relation)
        const content = contentColumns(await describe(run, from), volatile)
        if (content.length === 0) return ok([])
        const [row = []] = await run(digestsQuery(from, content))
        return ok(
          content.map(({ name, type }, at) => ({
            name,
            type,
            alone: String(row[2 * at]),
            without: String(row[2 * at + 1]),
          })),
        )
      } catch (error) {
        return fail(unreadable(error, relation))
      }
    },
  }
}

/** The columns of a relation or a query. Rejects when DuckDB can't resolve a name in it. */
export async function describe(run: RunStatement, from: string): Promise<readonly Column[]> {
  const rows = await run(`select column_name, column_type from (describe ${from})`)
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }))
}

type Address = (relation: string) => Promise<string>

async function inspect(
  run: RunStatement,
  address: Address,
  relations: readonly string[],
): Promise<ReadonlyMap<string, Inspected>> {
  const functions = relations.filter(isFunctionRelation)
  const found = new Map(await inspectFunctions(run, functions))
  const tables = relations.filter((relation) => !isFunctionRelation(relation))
  if (tables.length === 0) return found
  const catalogue = await readCatalogue(run, tables)
  for (const relation of tables) {
    const entry = catalogue.get(keyOf(relation))
    if (entry === undefined) continue
    const columns = entry.kind === 'table' ? entry.columns : await viewColumns(relation, entry)
    found.set(relation, {
      kind: entry.kind,
      columns,
      shape: { relation, columns: shapeHash(columns) },
      installed: entry.definition === null ? null : hash(entry.definition),
    })
  }
  return found

  /** Columns of a view. The catalogue is used only for an invalid view: it can be out of date. */
  async function viewColumns(relation: string, entry: CatalogueEntry): Promise<readonly Column[]> {
    const from = await address(relation)
    return describe(run, from).catch(() => entry.columns)
  }
}

/**
 * The functions that exist. To a reader a function is like a view: its columns are the names of its
 * arguments, its definition is its body.
 */
async function inspectFunctions(
  run: RunStatement,
  functions: readonly string[],
): Promise<ReadonlyMap<string, Inspected>> {
  const found = new Map<string, Inspected>()
  if (functions.length === 0) return found
  const wanted = functions.map((one) => literal(keyOf(calledName(one)))).join(', ')
  const key = keyColumn('database_name', 'schema_name', 'function_name')
  const rows = await run(
    `select ${key}, function_type, macro_definition,
       to_json(parameters)::varchar, to_json(parameter_types)::varchar
     from duckdb_functions()
     where not internal and ${key} in (${wanted})
     order by all`,
  )
  for (const relation of functions) {
    const own = rows.filter(([name]) => String(name) === keyOf(calledName(relation)))
    if (own.length === 0) continue
    const shape = { relation, columns: hash(...own.flatMap((row) => row.slice(3).map(String))) }
    const installed = hash(...own.flatMap((row) => row.slice(1).map(String)))
    found.set(relation, { kind: 'view', columns: [], shape, installed })
  }
  return found
}

/** A relation in DuckDB's catalogue. `definition` is the SQL of a view, null for a table. */
export interface CatalogueEntry {
  readonly kind: 'table' | 'view'
  readonly columns: readonly Column[]
  readonly definition: string | null
}

/** The catalogue entries of the relations that exist, by `keyOf`. */
export async function readCatalogue(
  run: RunStatement,
  relations: readonly string[],
): Promise<ReadonlyMap<string, CatalogueEntry>> {
  const wanted = relations.map((relation) => literal(keyOf(relation))).join(', ')
  const key = keyColumn('c.database_name', 'c.schema_name', 'c.table_name')
  const rows = await run(
    `select ${key}, v.sql, c.column_name, c.data_type
     from duckdb_columns() c
     left join duckdb_views() v
       on v.database_name = c.database_name and v.schema_name = c.schema_name and v.view_name = c.table_name
     where ${key} in (${wanted})
     order by c.database_name, c.schema_name, c.table_name, c.column_index`,
  )
  const entries = new Map<string, CatalogueEntry>()
  for (const [key, definition, name, type] of rows) {
    const before = entries.get(String(key))?.columns ?? []
    entries.set(String(key), {
      kind: definition === null ? 'table' : 'view',
      columns: [...before, { name: String(name), type: String(type) }],
      definition: definition === null ? null : normalizedViewSql(String(definition)),
    })
  }
  return entries
}

/** The key of a relation in `readCatalogue`: lower case, because DuckDB ignores the case of names. */
export function keyOf(relation: string): string {
  const { database, schema, name } = relationName(relation)
  return [database ?? '', schema, name].join(SEPARATOR).toLowerCase()
}

const SEPARATOR = '/'

/** `keyOf` in SQL. The file of the warehouse has no name in it. */
function keyColumn(database: string, schema: string, name: string): string {
  const own = `case when ${database} = current_database() then '' else ${database} end`
  return `lower(concat_ws(${literal(SEPARATOR)}, ${own}, ${schema}, ${name}))`
}
