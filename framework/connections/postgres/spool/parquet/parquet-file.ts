import type { ColumnChunk } from './column-chunk.ts'
import { putVarint, ThriftStruct } from './thrift.ts'

/**
 * The types of columns. `text` is UTF-8 after its length. `int128` is big-endian, with at most 38 digits.
 * `date` is in days since 1970-01-01, `timestamp` and `timestamptz` (in UTC) in microseconds since then,
 * `time` in microseconds since midnight.
 */
export type ParquetType =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'int128'
  | 'double'
  | 'text'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'

export interface ParquetColumn {
  readonly name: string
  readonly type: ParquetType
}

/** A written column of a row group, and its position in the file. */
interface WrittenChunk {
  readonly column: ParquetColumn
  readonly rows: number
  readonly offset: number
  readonly bytes: number
}

interface WrittenGroup {
  readonly rows: number
  readonly bytes: number
  readonly chunks: readonly WrittenChunk[]
}

/** Enum values and field ids of parquet.thrift. */
const PHYSICAL = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6, fixed: 7 } as const
const CONVERTED = { utf8: 0, decimal: 5, date: 6 } as const
const LOGICAL = { time: 7, timestamp: 8 } as const
const ENCODING = { plain: 0, rle: 3 } as const
const OPTIONAL = 1
const DATA_PAGE = 0
const UNCOMPRESSED = 0
const MICROSECONDS = 2
const MAGIC = Buffer.from('PAR1')

const PHYSICAL_OF: Readonly<Record<ParquetType, number>> = {
  boolean: PHYSICAL.boolean,
  int32: PHYSICAL.int32,
  int64: PHYSICAL.int64,
  int128: PHYSICAL.fixed,
  double: PHYSICAL.double,
  text: PHYSICAL.bytes,
  date: PHYSICAL.int32,
  time: PHYSICAL.int64,
  timestamp: PHYSICAL.int64,
  timestamptz: PHYSICAL.int64,
}

/**
 * Encodes one Parquet file (https://github.com/apache/parquet-format). It is read only once, so it has
 * PLAIN encoding, one page for each column of a row group, no compression and no statistics. All columns
 * are optional.
 */
export class ParquetFile {
  /** The number of bytes so far. */
  size = MAGIC.length
  rows = 0
  readonly header: Uint8Array = MAGIC
  readonly #columns: readonly ParquetColumn[]
  readonly #groups: WrittenGroup[] = []

  constructor(columns: readonly ParquetColumn[]) {
    this.#columns = columns
  }

  /**
   * Adds a row group and returns its bytes, in `buffer` if that is large enough. The chunks are in the
   * order of the columns and have equal numbers of rows.
   */
  appendGroup(chunks: readonly ColumnChunk[], buffer: Uint8Array = new Uint8Array(0)): Uint8Array {
    const parts = chunks.map((chunk) => ({ chunk, before: pageHeader(chunk) }))
    const bytes = parts.reduce((sum, { chunk, before }) => sum + before.length + chunk.used, 0)
    const group = buffer.length >= bytes ? buffer.subarray(0, bytes) : new Uint8Array(bytes)
    const rows = chunks[0]?.rows ?? 0
    let at = 0
    const placed = parts.map(({ chunk, before }, index): WrittenChunk => {
      const offset = this.size + at
      group.set(before, at)
      group.set(chunk.bytes.subarray(0, chunk.used), at + before.length)
      at += before.length + chunk.used
      return { column: this.#columns[index]!, rows, offset, bytes: before.length + chunk.used }
    })
    this.#groups.push({ rows, bytes, chunks: placed })
    this.rows += rows
    this.size += bytes
    return group
  }

  /** The bytes after the last row group. */
  footer(): Uint8Array {
    const footer = new ThriftStruct()
      .int32(1, 1)
      .structs(2, [null, ...this.#columns], (element, column) =>
        column === null
          ? element.text(4, 'rows').int32(5, this.#columns.length)
          : putColumn(element, column),
      )
      .int64(3, this.rows)
      .structs(4, this.#groups, (group, { rows, bytes, chunks }) =>
        group.structs(1, chunks, putChunk).int64(2, bytes).int64(3, rows),
      )
      .end()
    const length = new Uint8Array(4)
    new DataView(length.buffer).setInt32(0, footer.length, true)
    const end = Buffer.concat([footer, length, MAGIC])
    this.size += end.length
    return end
  }
}

/** The header of a page, with its definition levels. */
function pageHeader(chunk: ColumnChunk): Uint8Array {
  const levels = definitionLevels(chunk)
  const size = 4 + levels.length + chunk.used
  const header = new ThriftStruct()
    .int32(1, DATA_PAGE)
    .int32(2, size)
    .int32(3, size)
    .struct(5, (page) =>
      page
        .int32(1, chunk.rows)
        .int32(2, ENCODING.plain)
        .int32(3, ENCODING.rle)
        .int32(4, ENCODING.rle),
    )
    .end()
  const length = new Uint8Array(4)
  new DataView(length.buffer).setInt32(0, levels.length, true)
  return Buffer.concat([header, length, levels])
}

/** The definition level of each row, 1 for a value: one repeated run, or one run of bits. */
function definitionLevels(chunk: ColumnChunk): Uint8Array {
  const { rows, nulls } = chunk
  const run: number[] = []
  if (nulls === 0 || nulls === rows) {
    putVarint(run, rows * 2)
    return Uint8Array.from([...run, nulls === 0 ? 1 : 0])
  }
  const bits = chunk.validityBits()
  putVarint(run, bits.length * 2 + 1)
  return Buffer.concat([Uint8Array.from(run), bits])
}

function putColumn(element: ThriftStruct, { name, type }: ParquetColumn): void {
  element.int32(1, PHYSICAL_OF[type])
  if (type === 'int128') element.int32(2, 16)
  element.int32(3, OPTIONAL).text(4, name)
  switch (type) {
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'double':
      return
    case 'text':
      element.int32(6, CONVERTED.utf8)
      return
    case 'int128':
      element.int32(6, CONVERTED.decimal).int32(7, 0).int32(8, 38)
      return
    case 'date':
      element.int32(6, CONVERTED.date)
      return
    case 'time':
      putLogical(element, LOGICAL.time, false)
      return
    case 'timestamp':
      putLogical(element, LOGICAL.timestamp, false)
      return
    case 'timestamptz':
      putLogical(element, LOGICAL.timestamp, true)
      return
  }
}

function putLogical(element: ThriftStruct, type: number, inUtc: boolean): void {
  element.struct(10, (logical) =>
    logical.struct(type, (time) =>
      time.boolean(1, inUtc).struct(2, (unit) => unit.struct(MICROSECONDS, () => {})),
    ),
  )
}

function putChunk(chunk: ThriftStruct, { column, rows, offset, bytes }: WrittenChunk): void {
  chunk
    .int64(2, 0)
    .struct(3, (metadata) =>
      metadata
        .int32(1, PHYSICAL_OF[column.type])
        .int32s(2, [ENCODING.plain, ENCODING.rle])
        .texts(3, [column.name])
        .int32(4, UNCOMPRESSED)
        .int64(5, rows)
        .int64(6, bytes)
        .int64(7, bytes)
        .int64(9, offset),
    )
}
