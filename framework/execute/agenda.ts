import type { RunState } from './run-state.ts'

/** Inputs up to which a node is looked at whenever one of them ends. */
const MANY = 100

/** Which nodes of a run are to be looked at, each once, in the order in which that came up. */
export class Agenda {
  readonly #runState: RunState
  readonly #due: Set<number>
  /** How many inputs of a reader of very many have ended, counted from its first. */
  readonly #ended = new Map<number, number>()

  /** Every node of the graph is on it, in topological order. */
  constructor(runState: RunState) {
    this.#runState = runState
    this.#due = new Set(runState.world.graph.order)
  }

  get isEmpty(): boolean {
    return this.#due.size === 0
  }

  add(index: number): void {
    this.#due.add(index)
  }

  /** A node has its last word: what hangs on it directly is to be looked at. */
  addBelow(index: number): void {
    const { graph } = this.#runState.world
    for (const reader of graph.readers(index)) if (this.#isWorthALook(reader)) this.add(reader)
    if (graph.isCheck(index)) for (const gated of graph.gated(index)) this.add(gated)
  }

  /** Takes off one after another, also what is added meanwhile. */
  *take(): Generator<number> {
    // Sets iterate in insertion order and see what is added while they are walked.
    for (const index of this.#due) {
      this.#due.delete(index)
      yield index
    }
  }

  /** More is defined: checks may have other numbers now. */
  extend(): void {
    this.#ended.clear()
  }

  /**
   * A reader of very many is looked at when the last of them has ended and not after each, which would
   * take the square of their number. What it would have known earlier saves it no call.
   */
  #isWorthALook(reader: number): boolean {
    const { world, phase } = this.#runState
    const inputs = world.graph.inputs(reader)
    if (inputs.length <= MANY) return true
    let ended = this.#ended.get(reader) ?? 0
    while (ended < inputs.length && phase[inputs[ended]!] === 'final') ended += 1
    this.#ended.set(reader, ended)
    return ended === inputs.length
  }
}
