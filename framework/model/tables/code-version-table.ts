import { hash, isHash, putHash } from '../../lib/hash.ts'

/**
 * Code versions with relations by number, four words (128 bits) each. A row is set only for an asset whose
 * code version and relation are all of its definition that a decision needs; every other asset is decided
 * from its definition.
 */
export class CodeVersionTable {
  readonly words: Int32Array
  /** 1 for the rows that are set. */
  readonly isSet: Uint8Array

  constructor(
    size: number,
    words: Int32Array = new Int32Array(size * 4),
    isSet: Uint8Array = new Uint8Array(size),
  ) {
    this.words = words
    this.isSet = isSet
  }

  get size(): number {
    return this.isSet.length
  }

  has(i: number): boolean {
    return this.isSet[i] === 1
  }

  /**
   * Leaves the row unset if the code version is not a hash. An asset at another relation is another row,
   * so the row holds the relation, too. A code version covers the files that an asset writes.
   */
  set(i: number, codeVersion: string, relation: string | null): void {
    if (!isHash(codeVersion)) return
    const words = relation === null ? codeVersion : hash(codeVersion, relation.toLowerCase())
    putHash(this.words, i, words)
    this.isSet[i] = 1
  }

  unset(i: number): void {
    this.isSet[i] = 0
  }

  /** Copies `count` rows of another table, starting at its row `from`, to the rows starting at `to`. */
  copy(other: CodeVersionTable, from: number, count: number, to: number): void {
    this.words.set(other.words.subarray(from * 4, (from + count) * 4), to * 4)
    this.isSet.set(other.isSet.subarray(from, from + count), to)
  }

  /** Adds the rows that another table of the same assets has set. */
  add(other: CodeVersionTable): void {
    for (let i = 0; i < other.size; i++) {
      if (!other.has(i)) continue
      // Not `copy`: a view of each row would be garbage.
      for (let word = i * 4; word < i * 4 + 4; word++) this.words[word] = other.words[word]!
      this.isSet[i] = 1
    }
  }

  clone(): CodeVersionTable {
    return new CodeVersionTable(this.size, this.words.slice(), this.isSet.slice())
  }

  /** Whether row `i` and row `k` of another table hold the same code version; both must be set. */
  equals(i: number, other: CodeVersionTable, k: number): boolean {
    for (let word = 0; word < 4; word++) {
      if (this.words[i * 4 + word] !== other.words[k * 4 + word]) return false
    }
    return true
  }
}
