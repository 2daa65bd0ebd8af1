const FIRST_BYTES = 4096
const FIRST_ROWS = 1024
/** A column that once held something huge doesn't keep the room for it. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024

/**
 * One column of a row group as it fills: its values in Parquet's PLAIN encoding, without a gap for
 * rows that have none, and which rows those are. Whoever fills it reserves room, writes through one
 * of the views (a new one after each `reserve`), moves `used` on, and tells how many rows that were.
 */
export class ColumnChunk {
  bytes = new Uint8Array(FIRST_BYTES)
  /** The same memory as 32-bit words and as doubles. Parquet is little-endian, like all we run on. */
  words = new Int32Array(this.bytes.buffer)
  doubles = new Float64Array(this.bytes.buffer)
  /** Bytes that hold values. */
  used = 0
  rows = 0
  nulls = 0
  /** A bit for each row without a value, lowest bit first. */
  #absent = new Uint8Array(FIRST_ROWS / 8)

  /** Makes room for so many more bytes. */
  reserve(bytes: number): void {
    const wanted = this.used + bytes
    if (wanted <= this.bytes.length) return
    let size = this.bytes.length
    while (size < wanted) size *= 2
    const old = this.bytes.subarray(0, this.used)
    this.#allocate(size)
    this.bytes.set(old)
  }

  /** The row with this number in the group has no value. */
  addNull(row: number): void {
    if (row >> 3 >= this.#absent.length) this.#growRows(row)
    this.#absent[row >> 3]! |= 1 << (row & 7)
    this.nulls++
  }

  /** Whether the row with this number in the group was not skipped. */
  hasValue(row: number): boolean {
    return (((this.#absent[row >> 3] ?? 0) >> (row & 7)) & 1) === 0
  }

  /** Which of the rows have a value, a bit for each, lowest bit first. */
  validityBits(): Uint8Array {
    const bits = new Uint8Array((this.rows + 7) >> 3).fill(0xff)
    const { length } = this.#absent
    for (let at = 0; at < bits.length && at < length; at++) bits[at] = ~this.#absent[at]!
    return bits
  }

  /** Empties it for the next row group. */
  clear(): void {
    if (this.nulls > 0) this.#absent.fill(0)
    if (this.bytes.length > MAX_KEPT_BYTES) this.#allocate(FIRST_BYTES)
    this.used = 0
    this.rows = 0
    this.nulls = 0
  }

  #allocate(size: number): void {
    this.bytes = new Uint8Array(size)
    this.words = new Int32Array(this.bytes.buffer)
    this.doubles = new Float64Array(this.bytes.buffer)
  }

  #growRows(row: number): void {
    const old = this.#absent
    this.#absent = new Uint8Array(Math.max(2 * old.length, (row >> 3) + 1))
    this.#absent.set(old)
  }
}
