import type { Adjacency } from '../lib/adjacency.ts'

/** The most sources of one sweep: one bit each in a 32-bit integer. */
export const WORD_BITS = 32

/**
 * For every asset at once: which of at most 32 sources is it strictly below? A sweep passes one bit per
 * source down a topological order, and visits only the region below the sources. Its arrays are reused
 * by the next sweep.
 */
export class Sweep {
  readonly #readers: Adjacency
  readonly #inputs: Adjacency
  readonly #order: Int32Array
  readonly #rank: Int32Array
  readonly #above: Int32Array
  readonly #own: Int32Array
  readonly #region: Int32Array
  readonly #inRegion: Uint8Array

  /** `assetOrder`: a topological order of the assets, which are the first nodes. */
  constructor(inputs: Adjacency, readers: Adjacency, assetOrder: Int32Array) {
    const size = assetOrder.length
    this.#inputs = inputs
    this.#readers = readers
    this.#order = assetOrder
    this.#rank = new Int32Array(size)
    for (let k = 0; k < size; k++) this.#rank[assetOrder[k]!] = k
    this.#above = new Int32Array(size)
    this.#own = new Int32Array(size)
    this.#region = new Int32Array(size)
    this.#inRegion = new Uint8Array(size)
  }

  /** The assets at or below `sources`, in topological order. `above()` is about them until the next call. */
  below(sources: Int32Array): Int32Array {
    this.#clear()
    const region = this.#collect(sources)
    for (let bit = 0; bit < sources.length; bit++) this.#own[sources[bit]!]! |= 1 << bit
    const { starts, targets } = this.#inputs
    for (const node of region) {
      let bits = 0
      for (let k = starts[node]!; k < starts[node + 1]!; k++) {
        bits |= this.#above[targets[k]!]! | this.#own[targets[k]!]!
      }
      this.#above[node] = bits
    }
    return region
  }

  /** Bit `k` is set if `node` is strictly below source `k`. */
  above(node: number): number {
    return this.#above[node]!
  }

  /** Whether `node` is below all sources in `mask`, and none of its inputs is. */
  meetsAt(node: number, mask: number): boolean {
    if ((this.#above[node]! & mask) !== mask) return false
    const { starts, targets } = this.#inputs
    for (let k = starts[node]!; k < starts[node + 1]!; k++) {
      if ((this.#above[targets[k]!]! & mask) === mask) return false
    }
    return true
  }

  #last: Int32Array = new Int32Array(0)

  #clear(): void {
    for (const node of this.#last) {
      this.#above[node] = 0
      this.#own[node] = 0
    }
  }

  #collect(sources: Int32Array): Int32Array {
    const size = this.#order.length
    const region = this.#region
    const seen = this.#inRegion
    const { starts, targets } = this.#readers
    let end = 0
    for (const source of sources) {
      if (seen[source] === 1) continue
      seen[source] = 1
      region[end++] = source
    }
    let first = size
    let last = 0
    for (let at = 0; at < end; at++) {
      const node = region[at]!
      first = Math.min(first, this.#rank[node]!)
      last = Math.max(last, this.#rank[node]!)
      for (let k = starts[node]!; k < starts[node + 1]!; k++) {
        const reader = targets[k]!
        if (reader >= size) break
        if (seen[reader] === 1) continue
        seen[reader] = 1
        region[end++] = reader
      }
    }
    const found = region.subarray(0, end)
    if (end * 16 < last - first) {
      for (let at = 0; at < end; at++) {
        seen[found[at]!] = 0
        found[at] = this.#rank[found[at]!]!
      }
      found.sort()
      for (let at = 0; at < end; at++) found[at] = this.#order[found[at]!]!
    } else {
      for (let k = first, at = 0; k <= last; k++) {
        const node = this.#order[k]!
        if (seen[node] === 0) continue
        seen[node] = 0
        found[at++] = node
      }
    }
    this.#last = found
    return found
  }
}
