import { stableJson } from '../../../lib/json.ts'
import type { ColumnChunk } from '../spool/parquet/column-chunk.ts'
import { int32 } from './big-endian.ts'
import type { ColumnValues } from './column-values.ts'
import type { WireColumn } from './decoders.ts'

/** What happened to a value: replaced by null, or rounded. */
type Change = 'NULLED' | 'TRUNCATED'

/** The values of some decoded rows that lost information (SEMANTICS 36), as `_airbyte_meta.changes` lists them. */
export class ValueChanges {
  readonly #bytes: Buffer
  /** The entries of each row that has any, with commas between them. */
  readonly #entries = new Map<number, string>()

  /** `bytes` hold the values as they were received. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /**
   * Adds values of a column: their rows, and their indexes in `values`. If rows are merged by it, the values are
   * kept exactly, because those that arrive can be equal.
   */
  add(
    change: Change,
    { name, wire, keepsExact }: WireColumn,
    rows: readonly number[],
    indexes: readonly number[],
    { starts }: ColumnValues,
  ): void {
    if (rows.length === 0) return
    const same = keepsExact ? '' : entry(name, change, {})
    for (const [at, row] of rows.entries()) {
      const exact = keepsExact ? exactText(wire, this.#bytes, starts[indexes[at]!]!) : ''
      const text = keepsExact ? entry(name, change, { exact: { [name]: exact } }) : same
      const before = this.#entries.get(row)
      this.#entries.set(row, before === undefined ? text : `${before},${text}`)
    }
  }

  /** Appends the column `changes` of the rows: null for a row whose values all arrived. */
  appendTo(into: ColumnChunk, rows: number): void {
    let last = ''
    let bytes = Buffer.alloc(0)
    for (let row = 0; row < rows; row++) {
      const text = this.#entries.get(row)
      if (text === undefined) {
        into.addNull(into.rows + row)
        continue
      }
      // Rows that lose values mostly lose them in the same columns.
      if (text !== last) bytes = Buffer.from(`[${text}]`)
      last = text
      into.reserve(4 + bytes.length)
      new DataView(into.bytes.buffer).setInt32(into.used, bytes.length, true)
      into.bytes.set(bytes, into.used + 4)
      into.used += 4 + bytes.length
    }
    into.rows += rows
  }
}

/** An entry of `_airbyte_meta.changes`: `AirbyteRecordMessageMetaChange` of Airbyte's protocol, and what is kept. */
const entry = (
  field: string,
  change: Change,
  kept: { readonly exact?: Readonly<Record<string, string>> },
): string => stableJson({ field, change, reason: 'DESTINATION_FIELD_SIZE_LIMITATION', ...kept })

/** A value as the server sent it, in hexadecimal. Equal values have equal texts. */
function exactText(wire: WireColumn['wire'], bytes: Buffer, at: number): string {
  const text = bytes.toString('hex', at, at + int32(bytes, at - 4))
  // 1.0 equals 1.00, so the scale of a numeric, its fourth word, does not count.
  return wire === 'numeric' || wire === 'integer' ? text.slice(0, 12) + text.slice(16) : text
}
