import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import type { Run } from './engine.ts'
import type { Column } from './fingerprint.ts'
import { literal, qualified, quoted, relationName } from './names.ts'
import { problemOf } from './problems.ts'
import { describe } from './reader.ts'

/**
 * Writes a relation or a query to a CSV or Parquet file; equal data gives equal bytes. `file` is the
 * warehouse as people know it. Problems: SQL that fails, unknown or doubled columns, disk full.
 */
export async function exportRows(
  run: Run,
  file: string,
  request: ExportRequest,
): Promise<Result<{ readonly rows: number }>> {
  try {
    const source = await sourceOf(run, request)
    const columns = await describe(run, source)
    const query = orderedQuery(source, columns, request, await ownOrder(run, request, columns))
    const rows = await run(copyStatement(query, request))
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

async function sourceOf(run: Run, { from }: ExportRequest): Promise<string> {
  // On lines of its own, because a query may end in a comment.
  if ('query' in from) return `(\n${from.query.replace(/[\s;]+$/, '')}\n)`
  const catalog = String((await run('select current_database()'))[0]?.[0])
  return qualified(catalog, relationName(from.relation))
}

export function copyStatement(query: string, request: ExportRequest): string {
  const options =
    request.format === 'csv'
      ? `format csv, header true, delimiter ',', quote '"', escape '"', nullstr ''`
      : 'format parquet, compression zstd'
  return `copy (${query}) to ${literal(request.file)} (${options})`
}

/**
 * A query whose rows come in an order that nothing is left to chance in: what was asked for, then all
 * columns that are written. `own` is the query with an order of its own, which then holds.
 */
export function orderedQuery(
  source: string,
  columns: readonly Column[],
  { columns: chosen, orderBy }: Pick<ExportRequest, 'columns' | 'orderBy'>,
  own: string | null,
): string {
  const written = chosen?.map((name) => columnNamed(name, columns)) ?? columns
  refuseDoubles(written)
  if (own !== null && chosen === null) return own
  const asked = orderBy.map((term) => {
    const { name, direction } = parseTerm(term)
    return `${quoted(columnNamed(name, columns).name)} ${direction} nulls last`
  })
  const order = [...asked, ...written.map(tieBreaker)]
  const list = written.map(({ name }) => quoted(name)).join(', ')
  return `select ${list} from ${source} order by ${order.join(', ')}`
}

/** Types of which two values can be equal and yet be written differently (0.0 and -0.0). */
const LOOSE = /^(FLOAT|DOUBLE|INTERVAL|TIME WITH TIME ZONE)$|[[(]|^(STRUCT|MAP|UNION|VARIANT)/

function tieBreaker({ name, type }: Column): string {
  const loose = LOOSE.test(type) && !type.startsWith('DECIMAL(')
  return `${quoted(name)}${loose ? '::varchar' : ''} nulls last`
}

function parseTerm(term: string): { readonly name: string; readonly direction: 'asc' | 'desc' } {
  const found = term.match(/^(.*?)\s+(asc|desc)$/is)
  return {
    name: (found?.[1] ?? term).trim(),
    direction: found?.[2]?.toLowerCase() === 'desc' ? 'desc' : 'asc',
  }
}

function columnNamed(name: string, columns: readonly Column[]): Column {
  const found =
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const problem: Problem = {
    code: 'unknown-column',
    message: `there is no column ${name} to write or to order by`,
    hint: `the columns are ${columns.map((column) => column.name).join(', ')}`,
  }
  throw new ProblemError(problem)
}

function refuseDoubles(columns: readonly Column[]): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    const key = name.toLowerCase()
    if (seen.has(key)) {
      throw new ProblemError({
        code: 'column-collision',
        message: `two columns to write are called ${name}`,
        hint: 'give one of them another name with `as` in the query',
      })
    }
    seen.add(key)
  }
}

/**
 * The query, when it ends in an ORDER BY of its own and no other order was asked for, with ties
 * broken by every column. DuckDB's own parser finds that ORDER BY: in the JSON form of the statement
 * it gets further terms, which the JSON form of a statement of ours lends.
 */
async function ownOrder(
  run: Run,
  { from, orderBy }: ExportRequest,
  columns: readonly Column[],
): Promise<string | null> {
  if (!('query' in from) || orderBy.length > 0) return null
  const parsed = await parse(run, from.query)
  if (parsed === null) return null
  const ties = await parse(run, `select 1 order by ${columns.map((_, at) => at + 1).join(', ')}`)
  const more = ties?.orders.slice(1) ?? ']'
  // As text, because JSON's numbers lose digits in JavaScript. The statement's own terms come first.
  const statement = parsed.json.replace(
    `"orders":${parsed.orders}`,
    () => `"orders":${parsed.orders.slice(0, -1)},${more}`,
  )
  const [row] = await run(`select json_deserialize_sql(${literal(statement)}::json)`)
  return String(row?.[0])
}

/** A statement in DuckDB's JSON form and the terms of its ORDER BY, both as text; null without one. */
async function parse(
  run: Run,
  query: string,
): Promise<{ readonly json: string; readonly orders: string } | null> {
  const [row] = await run(`select json_serialize_sql(${literal(query)})::varchar`)
  const json = String(row?.[0])
  const modifiers = (JSON.parse(json) as Parsed).statements?.[0]?.node.modifiers ?? []
  const at = modifiers.findIndex(({ type }) => type === 'ORDER_MODIFIER')
  if (at < 0) return null
  const path = `$.statements[0].node.modifiers[${at}].orders`
  const [orders] = await run(`select (${literal(json)}::json -> ${literal(path)})::varchar`)
  return { json, orders: String(orders?.[0]) }
}

/** What is looked at in DuckDB's JSON form. A statement that has none has no `statements`. */
interface Parsed {
  readonly statements?: readonly {
    readonly node: { readonly modifiers: readonly { readonly type: string }[] }
  }[]
}
