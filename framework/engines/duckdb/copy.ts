import { closest } from '../../lib/did-you-mean.ts'
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
  const written = writtenColumns(columns, chosen)
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

/**
 * A query with its values in types that programs other than DuckDB read from Parquet, its rows in the same order. Types
 * that have no counterpart are text, as in a CSV file; large integers are decimals. `columns`: those of the query.
 * An infinite date or time fails: it has no counterpart either.
 */
export function plainQuery(query: string, columns: readonly QueryColumn[]): string {
  const values = columns.map((column) => `${plainValue(column)} as ${quoted(column.name)}`)
  return `select ${values.join(', ')} from (${query})`
}

const PLAIN =
  /^(BOOLEAN|U?(TINY|SMALL)INT|U?INTEGER|BIGINT|DOUBLE|DECIMAL\(\d+,\s*\d+\)|VARCHAR|TIME)$/
const DATED = /^(DATE|TIMESTAMP(_S|_MS)?|TIMESTAMP WITH TIME ZONE)$/

function plainValue({ name, type }: QueryColumn): string {
  const value = quoted(name)
  if (PLAIN.test(type)) return value
  // Programs that know no nanoseconds cut them, before 1970 in the wrong direction.
  if (type === 'TIMESTAMP_NS') return `${value}::timestamp`
  if (DATED.test(type)) {
    const message = literal(
      `column ${name} has an infinite ${type.toLowerCase()}, which the file can not hold`,
    )
    return `case when isfinite(${value}) or ${value} is null then ${value} else error(${message}) end`
  }
  switch (type) {
    case 'HUGEINT':
    case 'UHUGEINT':
      return `${value}::decimal(38, 0)`
    case 'UBIGINT':
      return `${value}::decimal(20, 0)`
    case 'FLOAT':
      // Through its text: 0.1 stays 0.1.
      return `${value}::varchar::double`
    default:
      return `${value}::varchar`
  }
}

/** The columns that are written, in order. Throws a `ProblemError`: `unknown-column`. */
export function writtenColumns(
  columns: readonly QueryColumn[],
  chosen: readonly string[] | null,
): readonly QueryColumn[] {
  return chosen?.map((name) => columnNamed(name, columns)) ?? columns
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
  const names = columns.map((column) => column.name)
  const similar = closest(name, names)
  const problem: Problem = {
    code: 'unknown-column',
    message: `column ${name} of \`columns\` or \`order_by\` does not exist`,
    hint: similar === null ? `the columns are ${names.join(', ')}` : `did you mean ${similar}?`,
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
