import { dirname } from 'node:path'
import type { ExportRequest } from '../ports/warehouse.ts'
import { openEngine } from './duckdb/engine.ts'
import { copyStatement, orderedQuery } from './duckdb/export.ts'
import { literal, quoted } from './duckdb/names.ts'

/** A column of spooled rows: DuckDB's type for it, and how its text becomes a value. */
export interface SpooledColumn {
  readonly name: string
  readonly type: string
  /** SQL that makes a value of the text in column `text`. */
  readonly value: (text: string) => string
}

/** CSV without a header: text in quotes, nothing at all for NULL, and one empty field more at the end. */
export interface SpooledRows {
  readonly path: string
  readonly columns: readonly SpooledColumn[]
  /** No row has more bytes than this. */
  readonly longest: number
  /** The rows stand in the order that they are to have; else in the one that the request asks for. */
  readonly inOrder: boolean
}

/** The longest row that DuckDB is told of, and at how many bytes it looks at once; more for longer rows. */
const ROW_BYTES = 64 * 1024
const BUFFER_BYTES = 16 * ROW_BYTES
/** Enough to sort five million rows, most of which wait on disk; Parquet is made of 122,880 rows at a time. */
const MEMORY_BYTES = { csv: 96 * 1024 * 1024, parquet: 256 * 1024 * 1024 }
/** How many buffers there are at a time, at most: read, cut into values, being sorted, being written. */
const BUFFERS = 8

/**
 * Writes rows of another warehouse to a CSV or Parquet file, byte for byte as the DuckDB warehouse writes
 * the same rows, because it is the same writer. Gives the number of rows; rejects with DuckDB's error.
 */
export async function writeRowsFile(
  rows: SpooledRows,
  request: Pick<ExportRequest, 'columns' | 'orderBy' | 'format' | 'file'>,
  signal: AbortSignal,
): Promise<number> {
  const engine = await openEngine(':memory:')
  const connection = await engine.connect()
  const interrupt = () => connection.interrupt()
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    const extra = sizesFor(rows.longest).buffer - BUFFER_BYTES
    // A sort of more than fits goes to disk, beside the file that it makes.
    await connection.run(`set memory_limit = '${MEMORY_BYTES[request.format] + BUFFERS * extra} B'`)
    // Each thread has buffers of its own to read, sort and write with.
    await connection.run('set threads = 1')
    await connection.run(`set temp_directory = ${literal(dirname(rows.path))}`)
    const source = `(${spoolQuery(rows)})`
    const asIs = rows.inOrder ? `select * from ${source}` : null
    const query = orderedQuery(source, rows.columns, request, asIs)
    const [written] = await connection.run(
      copyStatement(query, { ...request, from: { query: '' } }),
    )
    return Number(written?.[0] ?? 0)
  } finally {
    signal.removeEventListener('abort', interrupt)
    connection.close()
    engine.close()
  }
}

function spoolQuery({ path, columns, longest }: SpooledRows): string {
  const texts = [...columns.map((_, at) => `c${at}`), 'nothing']
  const types = texts.map((name) => `${name}: 'VARCHAR'`).join(', ')
  const values = columns.map(({ name, value }, at) => `${value(`c${at}`)} as ${quoted(name)}`)
  const { row, buffer } = sizesFor(longest)
  // Without the last four, '' is read as NULL and a lone \r as the end of a row.
  return `select ${values.join(', ')} from read_csv(${literal(path)}, auto_detect = false, header = false,
    columns = {${types}}, delim = ',', quote = '"', escape = '"', max_line_size = ${row}, buffer_size = ${buffer},
    new_line = '\\n', nullstr = '', allow_quoted_nulls = false)`
}

/** In bytes. A text in quotes may be half as long as what stands for it. */
function sizesFor(longest: number): { readonly row: number; readonly buffer: number } {
  const row = Math.max(ROW_BYTES, 2 * longest)
  return { row, buffer: Math.max(BUFFER_BYTES, 2 * row) }
}
