import type { RowVersionSum } from '../probe/row-version-sum.ts'
import type { ColumnChunk } from '../spool/parquet/column-chunk.ts'
import type { SpoolWriter } from '../spool/spool-writer.ts'
import { int16, int32 } from './big-endian.ts'
import { ColumnValues } from './column-values.ts'
import type { CopySink } from './copy-stream.ts'
import { DECODERS, type Decoder, type WireColumn } from './decoders.ts'
import { ValueChanges } from './value-changes.ts'

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
const END_OF_ROWS = -1
const NULL = -1
const XID_BYTES = 4
/** The most rows, and fields, that are decoded at once. They fit into the processor's cache. */
const DECODED_ROWS = 2048
const DECODED_FIELDS = 64 * 1024

/**
 * Decodes one COPY in binary format (https://www.postgresql.org/docs/current/sql-copy.html): finds the
 * fields of some rows, then appends them column by column to the row group of a spool.
 */
export class RowDecoder implements CopySink {
  /** The number of rows decoded so far. */
  rows = 0
  readonly #columns: readonly WireColumn[]
  readonly #decoders: readonly Decoder[]
  /** Bytes of a value in each column; 0 if values differ in length. */
  readonly #sizes: Int32Array
  readonly #writer: SpoolWriter
  readonly #versions: RowVersionSum | null
  readonly #batchRows: number
  /** Of each column, the values that were found but not decoded. All of them are in `#bytes`. */
  readonly #values: readonly ColumnValues[]
  #bytes: Buffer = Buffer.alloc(0)
  #found = 0
  #started = false

  /** With `versions`, each row starts with its xmin, which is added to the sum and to no column. */
  constructor(
    columns: readonly WireColumn[],
    writer: SpoolWriter,
    versions: RowVersionSum | null = null,
  ) {
    this.#columns = columns
    this.#decoders = columns.map(({ wire }) => DECODERS[wire])
    this.#sizes = Int32Array.from(this.#decoders, ({ bytes }) => bytes ?? 0)
    this.#writer = writer
    this.#versions = versions
    this.#batchRows = Math.max(
      1,
      Math.min(DECODED_ROWS, Math.floor(DECODED_FIELDS / columns.length)),
    )
    this.#values = columns.map(() => new ColumnValues(this.#batchRows))
  }

  add(bytes: Buffer, from: number, to: number): void {
    if (bytes !== this.#bytes || this.#found === this.#batchRows) this.#decode()
    this.#bytes = bytes
    const at = this.#started ? from : skipHeader(bytes, from)
    this.#started = true
    // The first message may hold only the header.
    if (at < to && int16(bytes, at) !== END_OF_ROWS) this.#find(bytes, at, to)
  }

  flush(): Promise<void> | null {
    this.#decode()
    return this.#writer.ready()
  }

  #find(bytes: Buffer, from: number, to: number): void {
    const sizes = this.#sizes
    const width = sizes.length
    const versions = this.#versions
    let at = from + 2
    if (int16(bytes, from) !== width + (versions === null ? 0 : 1)) throw new Error(COLUMNS_CHANGED)
    if (versions !== null) {
      versions.add(int32(bytes, at + 4) >>> 0)
      at += 4 + XID_BYTES
    }
    const { chunks } = this.#writer
    const values = this.#values
    for (let column = 0; column < width; column++) {
      const length = int32(bytes, at)
      at += 4
      if (length === NULL) {
        const chunk = chunks[column]!
        chunk.addNull(chunk.rows + this.#found)
      } else {
        const size = sizes[column]!
        if (size !== 0 && size !== length) throw new Error(COLUMNS_CHANGED)
        const found = values[column]!
        found.starts[found.count++] = at
        at += length
      }
    }
    if (at !== to) throw new Error(COLUMNS_CHANGED)
    this.#found++
  }

  #decode(): void {
    const rows = this.#found
    if (rows === 0) return
    this.#found = 0
    this.rows += rows
    const { chunks } = this.#writer
    const changes = new ValueChanges(this.#bytes)
    for (const [column, { decode }] of this.#decoders.entries()) {
      const values = this.#values[column]!
      const chunk = chunks[column]!
      const first = chunk.rows
      const outOfRange: number[] = []
      const rounded: number[] = []
      chunk.rows += rows
      decode(this.#bytes, values, chunk, outOfRange, rounded)
      const roundedRows = rowsOf(rounded, chunk, first)
      const nulledRows = rowsOf(outOfRange, chunk, first)
      for (const row of nulledRows) chunk.addNull(first + row)
      const from = this.#columns[column]!
      changes.add('NULLED', from, nulledRows, outOfRange, values)
      changes.add('TRUNCATED', from, roundedRows, rounded, values)
      values.count = 0
    }
    changes.appendTo(chunks[this.#columns.length]!, rows)
    this.#writer.rowsAdded()
  }
}

/** The rows of values, counted from row `first`. `values` are ascending indexes among non-null values. */
function rowsOf(values: readonly number[], chunk: ColumnChunk, first: number): readonly number[] {
  let row = -1
  let passed = -1
  return values.map((value) => {
    while (passed < value) if (chunk.hasValue(first + ++row)) passed++
    return row
  })
}

/** The table was altered after its columns were read from the catalog. */
const COLUMNS_CHANGED = 'the rows have other columns than the catalog of the snapshot'

function skipHeader(bytes: Buffer, at: number): number {
  const end = at + SIGNATURE.length
  if (SIGNATURE.compare(bytes, at, end) !== 0) throw new Error('the server sent no binary COPY')
  // Flags, and the length of an extension.
  return end + 8 + int32(bytes, end + 4)
}
