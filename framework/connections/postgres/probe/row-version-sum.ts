import type { RowsPosition } from './position.ts'

/** How many rows are summed in doubles before their exactness (2^53) is in danger. */
const EXACT_ROWS = 1 << 20

/**
 * Count and hash of row versions as they pass by: what
 * `count(*), sum(hashtextextended(xmin::text, 0))` gives in the source, without reading a table
 * twice. A server whose byte order is not ours hashes otherwise; then nothing is ever proved.
 */
export class RowVersions {
  #count = 0
  #sum = 0n
  #high = 0
  #low = 0
  #pending = 0
  #xid = -1
  #xidHigh = 0
  #xidLow = 0

  add(xid: number): void {
    if (xid !== this.#xid) {
      this.#xid = xid
      const [high, low] = hashXid(xid)
      this.#xidHigh = high
      this.#xidLow = low
    }
    this.#count++
    this.#high += this.#xidHigh
    this.#low += this.#xidLow
    if (++this.#pending === EXACT_ROWS) this.#settle()
  }

  get position(): RowsPosition {
    this.#settle()
    return { count: String(this.#count), hash: String(this.#sum) }
  }

  #settle(): void {
    this.#sum += (BigInt(this.#high) << 32n) + BigInt(this.#low)
    this.#high = 0
    this.#low = 0
    this.#pending = 0
  }
}

/**
 * `hashtextextended(xid::text, 0)` as its signed high and unsigned low word. Bob Jenkins' lookup3
 * over the decimal digits, as in PostgreSQL's common/hashfn.c (`hash_bytes_extended`), which for
 * fewer than 12 bytes is one final mix.
 */
export function hashXid(xid: number): readonly [number, number] {
  const digits = String(xid)
  const { length } = digits
  const start = (0x9e3779b9 + length + 3923095) | 0
  let a = start
  let b = start
  let c = start
  for (let at = 0; at < length; at++) {
    const byte = digits.charCodeAt(at)
    // The lowest byte of c is kept for the length, which is in the start already.
    if (at < 4) a = (a + (byte << (8 * at))) | 0
    else if (at < 8) b = (b + (byte << (8 * (at - 4)))) | 0
    else c = (c + (byte << (8 * (at - 7)))) | 0
  }
  c = (c ^ b) - rotate(b, 14)
  a = (a ^ c) - rotate(c, 11)
  b = (b ^ a) - rotate(a, 25)
  c = (c ^ b) - rotate(b, 16)
  a = (a ^ c) - rotate(c, 4)
  b = (b ^ a) - rotate(a, 14)
  c = (c ^ b) - rotate(b, 24)
  return [b | 0, c >>> 0]
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))
