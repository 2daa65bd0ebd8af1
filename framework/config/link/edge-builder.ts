import type { Adjacency } from '../../lib/adjacency.ts'

/** Builds the edges of all sources in order. A target that is added twice to one source counts once. */
export class EdgeBuilder {
  readonly #starts: Int32Array
  readonly #lastSource: Int32Array
  readonly #targets: number[] = []
  #source = 0

  constructor(size: number) {
    this.#starts = new Int32Array(size + 1)
    this.#lastSource = new Int32Array(size).fill(-1)
  }

  /** Adds an edge from the current source. False if the target is -1, that is, not found. */
  add(target: number): boolean {
    if (target < 0) return false
    if (this.#lastSource[target] !== this.#source) {
      this.#lastSource[target] = this.#source
      this.#targets.push(target)
    }
    return true
  }

  endSource(): void {
    this.#source += 1
    this.#starts[this.#source] = this.#targets.length
  }

  edges(): Adjacency {
    return { starts: this.#starts, targets: Int32Array.from(this.#targets) }
  }
}
