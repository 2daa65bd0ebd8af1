import type { ColumnChunk } from '../../lib/parquet/column-chunk.ts'

/** Where the fields of some rows lie in what a server sent. */
export interface Fields {
  readonly bytes: Uint8Array
  readonly rows: number
  /** Fields of a row. */
  readonly width: number
  /** Row by row; −1 for a null. A field's length stands in the four bytes before it. */
  readonly starts: Int32Array
}

/**
 * Appends one column of some rows to its chunk. A value that its type can't hold is left out, and
 * its row's number among these goes to `misfits`. A loop for each type, and nothing made for a row:
 * this runs for every value there is.
 */
export type Decode = (fields: Fields, column: number, into: ColumnChunk, misfits: number[]) => void
