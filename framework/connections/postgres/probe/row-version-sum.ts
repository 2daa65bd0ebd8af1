import type { RowsPosition } from './position.ts'

/** The number of rows whose hashes are summed in doubles, well below their exact range of 2^53. */
const EXACT_ROWS = 1 << 20

/**
 * Computes `count(*), sum(hashtextextended(xmin::text, 0))` from rows that are read anyway, instead of by
 * a second query. A server with another byte order hashes differently, so its streams never compare as
 * unchanged.
 */
export class RowVersionSum {
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
    if (++this.#pending === EXACT_ROWS) this.#addPending()
  }

  get position(): RowsPosition {
    this.#addPending()
    return { count: String(this.#count), hash: String(this.#sum) }
  }

  #addPending(): void {
    this.#sum += (BigInt(this.#high) << 32n) + BigInt(this.#low)
    this.#high = 0
    this.#low = 0
    this.#pending = 0
  }
}

/**
 * `hashtextextended(xid::text, 0)` as a signed high and an unsigned low word. It is Bob Jenkins' lookup3
 * over the decimal digits, as in `hash_bytes_extended` of PostgreSQL's common/hashfn.c. Fewer than 12
 * bytes need only the final mix.
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
    // The lowest byte of c is reserved for the length, which `start` includes.
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
