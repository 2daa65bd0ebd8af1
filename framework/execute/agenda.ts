import type { RunState } from './run-state.ts'

/** A reader of more inputs than this is due once all of them are final, not after each. */
const MANY = 100

/** The nodes that are due for a decision, each once, in the order in which they became due. */
export class Agenda {
  readonly #runState: RunState
  readonly #due: Set<number>
  /** Of a reader of many inputs: how many of them are final, counted from the first. */
  readonly #finalInputs = new Map<number, number>()

  /** At first every node is due, in topological order. */
  constructor(runState: RunState) {
    this.#runState = runState
    this.#due = new Set(runState.world.graph.order)
  }

  get isEmpty(): boolean {
    return this.#due.size === 0
  }

  add(i: number): void {
    this.#due.add(i)
  }

  /** A node is final: what depends on it directly is due. */
  addBelow(i: number): void {
    const { graph } = this.#runState.world
    for (const reader of graph.readers(i)) if (this.#isDue(reader)) this.add(reader)
    if (graph.isCheck(i)) for (const gated of graph.gated(i)) this.add(gated)
  }

  /** Takes one node after another, including those that are added meanwhile. */
  *take(): Generator<number> {
    // A set iterates in insertion order and includes what is added during the iteration.
    for (const i of this.#due) {
      this.#due.delete(i)
      yield i
    }
  }

  /** More is defined, so checks can have other indices. */
  extend(): void {
    this.#finalInputs.clear()
  }

  /** Deciding a reader of n inputs after each of them would take n² steps, and saves no call. */
  #isDue(reader: number): boolean {
    const { world, phase } = this.#runState
    const inputs = world.graph.inputs(reader)
    if (inputs.length <= MANY) return true
    let final = this.#finalInputs.get(reader) ?? 0
    while (final < inputs.length && phase[inputs[final]!] === 'final') final += 1
    this.#finalInputs.set(reader, final)
    return final === inputs.length
  }
}
