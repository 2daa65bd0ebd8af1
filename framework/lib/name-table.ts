const LINE_END = 0x0a
const NOTHING = -1

/**
 * Distinct names, numbered from 0 and stored as bytes, so a hundred thousand names need no objects and no
 * decoding until one is read. `bytes` holds each name followed by a line end; name `i` begins at
 * `starts[i]`.
 */
export class NameTable {
  readonly bytes: Buffer
  readonly starts: Int32Array
  #texts: readonly string[] | null = null
  /** Hash table with open addressing: the number of a name plus one, at or after the slot of its hash. */
  #slots: Int32Array | null = null

  constructor(bytes: Buffer, starts: Int32Array) {
    this.bytes = bytes
    this.starts = starts
  }

  static of(names: readonly string[]): NameTable {
    const bytes = Buffer.from(names.map((name) => `${name}\n`).join(''))
    const starts = new Int32Array(names.length + 1)
    for (let i = 0, at = 0; i < names.length; i++) {
      at = bytes.indexOf(LINE_END, at) + 1
      starts[i + 1] = at
    }
    return new NameTable(bytes, starts)
  }

  get size(): number {
    return this.starts.length - 1
  }

  /** All names in order, decoded once. */
  get texts(): readonly string[] {
    this.#texts ??= this.bytes.toString('utf8').split('\n').slice(0, -1)
    return this.#texts
  }

  at(i: number): string {
    if (this.#texts !== null) return this.#texts[i]!
    return this.bytes.toString('utf8', this.starts[i]!, this.starts[i + 1]! - 1)
  }

  /** The number of a name, or -1. */
  find(name: string): number {
    const bytes = Buffer.from(name)
    return this.#search(bytes, 0, bytes.length)
  }

  /** The numbers in this table of all names of another one; -1 for a missing name. */
  numbersOf(other: NameTable): Int32Array {
    const numbers = new Int32Array(other.size)
    if (this.bytes.equals(other.bytes)) return numbers.map((_, i) => i)
    let next = 0
    for (let k = 0; k < other.size; k++) {
      const from = other.starts[k]!
      const to = other.starts[k + 1]! - 1
      // The tables mostly have the same order, so try the next name first.
      const found = this.#is(next, other.bytes, from, to)
        ? next
        : this.#search(other.bytes, from, to)
      numbers[k] = found
      if (found !== NOTHING) next = found + 1
    }
    return numbers
  }

  /** False when a name occurs twice, which makes the table invalid. */
  isDistinct(): boolean {
    return this.#index()
  }

  #search(bytes: Buffer, from: number, to: number): number {
    if (this.#slots === null) this.#index()
    const slots = this.#slots!
    const mask = slots.length - 1
    for (let at = hashOf(bytes, from, to) & mask; ; at = (at + 1) & mask) {
      const number = slots[at]! - 1
      if (number === NOTHING || this.#is(number, bytes, from, to)) return number
    }
  }

  #is(number: number, bytes: Buffer, from: number, to: number): boolean {
    if (number >= this.size) return false
    const start = this.starts[number]!
    const length = to - from
    if (this.starts[number + 1]! - 1 - start !== length) return false
    for (let k = 0; k < length; k++) {
      if (this.bytes[start + k] !== bytes[from + k]) return false
    }
    return true
  }

  /** Builds the hash table. False when a name occurs twice. */
  #index(): boolean {
    let size = 4
    while (size < this.size * 2) size *= 2
    const slots = new Int32Array(size)
    const mask = size - 1
    let distinct = true
    for (let i = 0; i < this.size; i++) {
      const from = this.starts[i]!
      const to = this.starts[i + 1]! - 1
      let at = hashOf(this.bytes, from, to) & mask
      for (; slots[at] !== 0; at = (at + 1) & mask) {
        if (this.#is(slots[at]! - 1, this.bytes, from, to)) break
      }
      if (slots[at] === 0) slots[at] = i + 1
      else distinct = false
    }
    this.#slots = slots
    return distinct
  }
}

/** FNV-1a. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let k = from; k < to; k++) hash = Math.imul(hash ^ bytes[k]!, 0x01000193)
  return hash ^ (hash >>> 15)
}
