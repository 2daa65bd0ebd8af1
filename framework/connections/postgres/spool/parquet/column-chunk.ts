const FIRST_BYTES = 4096
const FIRST_ROWS = 1024
/** A larger buffer is released after its row group. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024

/**
 * One column of a row group while it is filled: its non-null values in Parquet's PLAIN encoding, and which
 * rows are null. The caller calls `reserve`, writes through one of the views (they change with each
 * `reserve`), advances `used`, and adds to `rows`.
 */
export class ColumnChunk {
  bytes = new Uint8Array(FIRST_BYTES)
  /** Views of the same memory. Parquet is little-endian, like every supported platform. */
  words = new Int32Array(this.bytes.buffer)
  doubles = new Float64Array(this.bytes.buffer)
  /** The number of bytes that hold values. */
  used = 0
  rows = 0
  nulls = 0
  /** One bit for each row, lowest bit first: set for null. */
  #absent = new Uint8Array(FIRST_ROWS / 8)

  /** Makes room for this many more bytes. */
  reserve(bytes: number): void {
    const wanted = this.used + bytes
    if (wanted <= this.bytes.length) return
    let size = this.bytes.length
    while (size < wanted) size *= 2
    const old = this.bytes.subarray(0, this.used)
    this.#allocate(size)
    this.bytes.set(old)
  }

  /** Marks a row of the group as null. */
  addNull(row: number): void {
    if (row >> 3 >= this.#absent.length) this.#growRows(row)
    this.#absent[row >> 3]! |= 1 << (row & 7)
    this.nulls++
  }

  /** Whether a row of the group is not null. */
  hasValue(row: number): boolean {
    return (((this.#absent[row >> 3] ?? 0) >> (row & 7)) & 1) === 0
  }

  /** One bit for each row, lowest bit first: set for a value. */
  validityBits(): Uint8Array {
    const bits = new Uint8Array((this.rows + 7) >> 3).fill(0xff)
    const { length } = this.#absent
    for (let at = 0; at < bits.length && at < length; at++) bits[at] = ~this.#absent[at]!
    return bits
  }

  /** Empties the chunk for the next row group. */
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
