import { dirname } from 'node:path'
import { copyStatement, orderedQuery, plainQuery, writtenColumns } from '../engines/duckdb/copy.ts'
import { openDuckdb } from '../engines/duckdb/engine.ts'
import { literal, quoted } from '../engines/duckdb/names.ts'
import type { ExportRequest } from '../ports/warehouse.ts'

/** A column of a CSV file, and the DuckDB type of its values. */
export interface CsvColumn {
  readonly name: string
  readonly type: string
  /** The SQL expression that converts `text`, the name of a text column, to a value. */
  readonly toValue: (text: string) => string
}

/** A CSV file without a header. Values are quoted, NULL is empty, and each row ends with an empty field. */
export interface CsvRows {
  readonly path: string
  readonly columns: readonly CsvColumn[]
  /** Upper bound for the bytes of a row. */
  readonly longestRow: number
  /** True: the rows are in their final order. False: they are sorted by the `orderBy` of the request. */
  readonly isOrdered: boolean
}

/** The smallest `max_line_size` and `buffer_size` of the CSV reader. Longer rows raise them. */
const ROW_BYTES = 64 * 1024
const BUFFER_BYTES = 16 * ROW_BYTES
/** Enough to sort five million rows, most of them on disk. A Parquet row group has 122,880 rows. */
const MEMORY_BYTES = { csv: 96 * 1024 * 1024, parquet: 256 * 1024 * 1024 }
/** The most buffers in memory at a time: read, parsed, sorted, written. */
const BUFFERS = 8

/**
 * Writes rows of another warehouse to a CSV or Parquet file and returns their number. The file is the
 * same, byte for byte, as the one the DuckDB warehouse writes for the same rows: both use DuckDB's
 * COPY. Rejects with DuckDB's error.
 */
export async function writeRowsFile(
  rows: CsvRows,
  request: Pick<ExportRequest, 'columns' | 'orderBy' | 'format' | 'file' | 'plain'>,
  signal: AbortSignal,
): Promise<number> {
  const engine = await openDuckdb(':memory:')
  const connection = await engine.connect()
  const interrupt = () => connection.interrupt()
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    const extra = sizesFor(rows.longestRow).buffer - BUFFER_BYTES
    await connection.run(`set memory_limit = '${MEMORY_BYTES[request.format] + BUFFERS * extra} B'`)
    // Every thread allocates its own buffers.
    await connection.run('set threads = 1')
    // A sort that exceeds the memory limit spills to disk.
    await connection.run(`set temp_directory = ${literal(dirname(rows.path))}`)
    const source = `(${csvQuery(rows)})`
    const asIs = rows.isOrdered ? `select * from ${source}` : null
    const query = orderedQuery(source, rows.columns, request, asIs)
    const [written] = await connection.run(
      copyStatement(
        request.plain === true
          ? plainQuery(query, writtenColumns(rows.columns, request.columns))
          : query,
        request,
      ),
    )
    return Number(written?.[0] ?? 0)
  } finally {
    signal.removeEventListener('abort', interrupt)
    connection.close()
    await engine.close()
  }
}

function csvQuery({ path, columns, longestRow }: CsvRows): string {
  const texts = [...columns.map((_, at) => `c${at}`), 'end_of_row']
  const types = texts.map((name) => `${name}: 'VARCHAR'`).join(', ')
  const values = columns.map(({ name, toValue }, at) => `${toValue(`c${at}`)} as ${quoted(name)}`)
  const { row, buffer } = sizesFor(longestRow)
  // By default DuckDB reads '' as NULL and a lone \r as the end of a row.
  return `select ${values.join(', ')} from read_csv(${literal(path)}, auto_detect = false, header = false,
    columns = {${types}}, delim = ',', quote = '"', escape = '"', max_line_size = ${row}, buffer_size = ${buffer},
    new_line = '\\n', nullstr = '', allow_quoted_nulls = false)`
}

/** Sizes of the CSV reader in bytes. Doubled quotes can make a row twice as long. */
function sizesFor(longestRow: number): { readonly row: number; readonly buffer: number } {
  const row = Math.max(ROW_BYTES, 2 * longestRow)
  return { row, buffer: Math.max(BUFFER_BYTES, 2 * row) }
}
