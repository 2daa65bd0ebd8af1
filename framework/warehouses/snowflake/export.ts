import { rmSync } from 'node:fs'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import { writeRowsFile } from '../rows-file.ts'
import type { ResultColumn, Statement } from './driver.ts'
import { qualified, quoted, relationName, shownName } from './names.ts'
import { withTiesBroken } from './own-order.ts'
import { type Doing, problemOf, type Whereabouts } from './problems.ts'
import type { Place } from './reader.ts'
import { spool } from './spool.ts'

/** What an export needs of a session. */
export interface Reading {
  readonly describe: (sql: string) => Promise<readonly ResultColumn[]>
  readonly send: (sql: string) => Promise<Statement>
  readonly signal: AbortSignal
}

/**
 * Streams a relation or a query into a file beside the one that is asked for, and has DuckDB make that of
 * it. Problems: SQL that fails, unknown or doubled columns, disk full, cancelled.
 */
export async function exportRows(
  reading: Reading,
  place: Place,
  where: Whereabouts,
  request: ExportRequest,
): Promise<Result<{ readonly rows: number }>> {
  const aside = `${request.file}.rows`
  try {
    const source = sourceOf(request, place)
    const columns = await reading.describe(source.query)
    const needed = neededOf(columns, request)
    const ordered =
      'query' in request.from && request.orderBy.length === 0 && request.columns === null
        ? withTiesBroken(source.query, columns.length)
        : null
    const list = needed.map(({ name }) => quoted(name)).join(', ')
    const statement = await reading.send(ordered ?? `select ${list} from ${source.from}`)
    const rows = await spool(statement, aside, reading.signal)
    const inOrder = ordered !== null
    return ok({ rows: await writeRowsFile({ ...rows, inOrder }, request, reading.signal) })
  } catch (error) {
    if (reading.signal.aborted) {
      return fail({ code: 'cancelled', message: `the work on ${where.name} was cancelled` })
    }
    return fail(writeProblem(error) ?? problemOf(error, where, doing(request, where)))
  } finally {
    rmSync(aside, { force: true })
  }
}

function doing({ from }: ExportRequest, where: Whereabouts): Doing {
  const message =
    'relation' in from
      ? `${from.relation} could not be read from ${where.name}`
      : `the query could not be run on ${where.name}`
  return { code: 'export-failed', message }
}

/** The query that is asked for, and the same as something to select from. */
function sourceOf(
  { from }: ExportRequest,
  { database, schema }: Place,
): { readonly query: string; readonly from: string } {
  if ('relation' in from) {
    const address = qualified(database, relationName(from.relation, schema))
    return { query: `select * from ${address}`, from: address }
  }
  const query = from.query.replace(/[\s;]+$/, '')
  // On lines of its own, because a query may end in a comment.
  return { query, from: `(\n${query}\n)` }
}

/** The columns to fetch: those to write and those to order by, or all. */
function neededOf(
  columns: readonly ResultColumn[],
  { columns: chosen, orderBy }: ExportRequest,
): readonly ResultColumn[] {
  const written = chosen?.map((name) => columnNamed(name, columns)) ?? columns
  const seen = new Set<string>()
  for (const { name } of written) {
    const key = name.toLowerCase()
    if (seen.has(key)) throw new ProblemError(doubled(shownName(name)))
    seen.add(key)
  }
  const ordering = orderBy.map((term) =>
    columnNamed(term.replace(/\s+(asc|desc)$/i, '').trim(), columns),
  )
  return [...new Set([...written, ...ordering])]
}

function columnNamed(name: string, columns: readonly ResultColumn[]): ResultColumn {
  const found =
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new ProblemError({
    code: 'unknown-column',
    message: `there is no column ${name} to write or to order by`,
    hint: `the columns are ${columns.map((column) => shownName(column.name)).join(', ')}`,
  })
}

function doubled(name: string): Problem {
  return {
    code: 'column-collision',
    message: `two columns to write are called ${name}`,
    hint: 'give one of them another name with `as` in the query',
  }
}

/** A disk that is full is nobody's fault but the disk's. */
function writeProblem(error: unknown): Problem | null {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code !== 'ENOSPC' && !/No space left on device/.test(String(message))) return null
  return {
    code: 'disk-full',
    message: 'no space is left on the disk for the rows of an extract',
    hint: 'free some space and run the same command again; nothing that was finished is repeated',
  }
}
