import { type Problem, ProblemError } from '../../model/problem.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import { literal, quoted } from './names.ts'

/** A column of a query, its type as DuckDB spells it. */
export interface QueryColumn {
  readonly name: string
  readonly type: string
}

/** The COPY statement that writes a query to the file of the request. Its result is the row count. */
export function copyStatement(
  query: string,
  request: Pick<ExportRequest, 'format' | 'file'>,
): string {
  const options =
    request.format === 'csv'
      ? `format csv, header true, delimiter ',', quote '"', escape '"', nullstr ''`
      : 'format parquet, compression zstd'
  return `copy (${query}) to ${literal(request.file)} (${options})`
}

/**
 * A query with a deterministic row order: the requested columns first, then every written column.
 * `alreadyOrdered` is the same query when its own ORDER BY is deterministic; it is used as it is if
 * all columns are written. Throws a `ProblemError`: `unknown-column`, `column-collision`.
 */
export function orderedQuery(
  source: string,
  columns: readonly QueryColumn[],
  { columns: chosen, orderBy }: Pick<ExportRequest, 'columns' | 'orderBy'>,
  alreadyOrdered: string | null,
): string {
  const written = chosen?.map((name) => columnNamed(name, columns)) ?? columns
  refuseDuplicates(written)
  if (alreadyOrdered !== null && chosen === null) return alreadyOrdered
  const requested = orderBy.map((term) => {
    const { name, direction } = parseTerm(term)
    return `${quoted(columnNamed(name, columns).name)} ${direction} nulls last`
  })
  const order = [...requested, ...written.map(tieBreaker)]
  const list = written.map(({ name }) => quoted(name)).join(', ')
  return `select ${list} from ${source} order by ${order.join(', ')}`
}

/** Types with equal values that are written differently, such as 0.0 and -0.0. */
const EQUAL_BUT_WRITTEN_DIFFERENTLY =
  /^(FLOAT|DOUBLE|INTERVAL|TIME WITH TIME ZONE)$|[[(]|^(STRUCT|MAP|UNION|VARIANT)/

function tieBreaker({ name, type }: QueryColumn): string {
  const byText = EQUAL_BUT_WRITTEN_DIFFERENTLY.test(type) && !type.startsWith('DECIMAL(')
  return `${quoted(name)}${byText ? '::varchar' : ''} nulls last`
}

function parseTerm(term: string): { readonly name: string; readonly direction: 'asc' | 'desc' } {
  const found = term.match(/^(.*)(?<!\s)\s+(asc|desc)$/is)
  return {
    name: (found?.[1] ?? term).trim(),
    direction: found?.[2]?.toLowerCase() === 'desc' ? 'desc' : 'asc',
  }
}

function columnNamed(name: string, columns: readonly QueryColumn[]): QueryColumn {
  const found =
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const problem: Problem = {
    code: 'unknown-column',
    message: `column ${name} of \`columns\` or \`order_by\` does not exist`,
    hint: `the columns are ${columns.map((column) => column.name).join(', ')}`,
  }
  throw new ProblemError(problem)
}

function refuseDuplicates(columns: readonly QueryColumn[]): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    const key = name.toLowerCase()
    if (seen.has(key)) {
      throw new ProblemError({
        code: 'column-collision',
        message: `the extract has two columns named ${name}`,
        hint: 'rename one of them with `as` in the query',
      })
    }
    seen.add(key)
  }
}
