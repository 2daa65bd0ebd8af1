import { rmSync } from 'node:fs'
import { closest } from '../../lib/did-you-mean.ts'
import { trimEndOf } from '../../lib/trim-end.ts'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import { writeRowsFile } from '../rows-file.ts'
import type { ResultColumn, Statement } from './driver.ts'
import { qualified, quoted, relationName, shownName } from './names.ts'
import { withTieBreakers } from './order-by.ts'
import { type AccountLabel, type FallbackProblem, problemOf } from './problems.ts'
import type { ReaderSettings } from './reader.ts'
import { writeResultCsv } from './result-csv.ts'

/** The operations of a session that an export needs. */
export interface ExportClient {
  readonly describe: (sql: string) => Promise<readonly ResultColumn[]>
  readonly send: (sql: string) => Promise<Statement>
  readonly signal: AbortSignal
}

/**
 * Writes a relation or a query to a CSV or Parquet file. The rows are streamed to a temporary CSV file, which
 * an in-process DuckDB then converts. Problems: `export-failed`, `unknown-column`, `column-collision`,
 * `disk-full`, `cancelled`.
 */
export async function exportRows(
  client: ExportClient,
  settings: ReaderSettings,
  label: AccountLabel,
  request: ExportRequest,
): Promise<Result<{ readonly rows: number }>> {
  const temporaryFile = `${request.file}.rows`
  try {
    const source = sourceOf(request, settings)
    const columns = await client.describe(source.query)
    const needed = neededOf(columns, request)
    const ordered =
      'query' in request.from && request.orderBy.length === 0 && request.columns === null
        ? withTieBreakers(source.query, columns.length)
        : null
    const list = needed.map(({ name }) => quoted(name)).join(', ')
    const statement = await client.send(ordered ?? `select ${list} from ${source.from}`)
    const rows = await writeResultCsv(statement, temporaryFile, client.signal, request.onShare)
    const isOrdered = ordered !== null
    return ok({ rows: await writeRowsFile({ ...rows, isOrdered }, request, client.signal) })
  } catch (error) {
    if (client.signal.aborted) {
      return fail({ code: 'cancelled', message: `the work on ${label.name} was cancelled` })
    }
    return fail(diskProblem(error) ?? problemOf(error, label, exportFailed(request, label)))
  } finally {
    rmSync(temporaryFile, { force: true })
  }
}

function exportFailed({ from }: ExportRequest, label: AccountLabel): FallbackProblem {
  const message =
    'relation' in from
      ? `${from.relation} could not be read from ${label.name}`
      : `the query could not be run on ${label.name}`
  return { code: 'export-failed', message }
}

/** The requested query, and the same as a FROM clause. */
function sourceOf(
  { from }: ExportRequest,
  { database, schema }: ReaderSettings,
): { readonly query: string; readonly from: string } {
  if ('relation' in from) {
    const address = qualified(database, relationName(from.relation, schema))
    return { query: `select * from ${address}`, from: address }
  }
  const query = trimEndOf(from.query, /[\s;]/)
  // The query may end in a line comment, so the parenthesis goes on a new line.
  return { query, from: `(\n${query}\n)` }
}

/** The columns to fetch: the written ones and the ones to order by. */
function neededOf(
  columns: readonly ResultColumn[],
  { columns: chosen, orderBy }: ExportRequest,
): readonly ResultColumn[] {
  const written = chosen?.map((name) => columnNamed(name, columns)) ?? columns
  const seen = new Set<string>()
  for (const { name } of written) {
    const key = name.toLowerCase()
    if (seen.has(key)) throw new ProblemError(duplicateColumn(shownName(name)))
    seen.add(key)
  }
  const ordering = orderBy.map((term) =>
    columnNamed(term.replace(/(?<!\s)\s+(asc|desc)$/i, '').trim(), columns),
  )
  return [...new Set([...written, ...ordering])]
}

function columnNamed(name: string, columns: readonly ResultColumn[]): ResultColumn {
  const found =
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const names = columns.map((column) => shownName(column.name))
  const similar = closest(name, names)
  throw new ProblemError({
    code: 'unknown-column',
    message: `column ${name} of \`columns\` or \`order_by\` does not exist`,
    hint: similar === null ? `the columns are ${names.join(', ')}` : `did you mean ${similar}?`,
  })
}

function duplicateColumn(name: string): Problem {
  return {
    code: 'column-collision',
    message: `the extract has two columns named ${name}`,
    hint: 'rename one of them with `as` in the query',
  }
}

/** The problem for a full disk, or null for other errors. Snowflake's errors don't have these codes. */
function diskProblem(error: unknown): Problem | null {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code !== 'ENOSPC' && !/No space left on device/.test(String(message))) return null
  return {
    code: 'disk-full',
    message: 'the disk is full: the rows of an extract do not fit',
    hint: 'free some space and run the same command again; finished steps are not repeated',
  }
}
