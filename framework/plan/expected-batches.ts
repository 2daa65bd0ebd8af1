import type { Verdict } from '../model/verdict.ts'
import type { World } from '../staleness/world.ts'

/**
 * Numbers of the external calls that a plan expects. A kind that builds together serves a wave in one
 * call. A step whose verdict depends on the outcome of another step is in a later wave than that step.
 * Call its methods in topological order.
 */
export class ExpectedBatches {
  readonly #world: World
  readonly #wave = new Map<number, number>()
  readonly #numbers = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** A node without a step, such as a view over a rebuilt table, has the wave of its inputs. */
  pass(i: number): void {
    let wave: number | undefined
    for (const input of this.#world.graph.inputs(i)) {
      const earlier = this.#wave.get(input)
      if (earlier !== undefined) wave = Math.max(wave ?? 0, earlier)
    }
    if (wave !== undefined) this.#wave.set(i, wave)
  }

  batchOf(i: number, verdict: Verdict): number {
    const { graph, parts } = this.#world
    const kind = this.#world.kind(i)
    let wave = 0
    const after = (other: number, isNextWave: boolean) => {
      const earlier = this.#wave.get(other)
      if (earlier !== undefined) wave = Math.max(wave, earlier + (isNextWave ? 1 : 0))
    }
    for (const input of graph.inputs(i)) {
      after(input, verdict.state === 'pending' || this.#world.kind(input) !== kind)
    }
    for (const gate of graph.gates(i)) after(gate, this.#world.kind(gate) !== kind)
    this.#wave.set(i, wave)
    const key = parts.together.has(kind) ? `${kind} ${wave}` : `${kind} ${wave} ${i}`
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1
    this.#numbers.set(key, number)
    return number
  }
}
