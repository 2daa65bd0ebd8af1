import type { DbtGraph, DbtReader } from '../../model/dbt-facts.ts'
import type { Graph } from '../graph.ts'
import { reach } from '../reach.ts'

/**
 * A graph as dbt has it: behind the nodes come the exposures, metrics, semantic models and saved queries,
 * which dbt counts as nodes when it walks. They read nodes and each other; no node reads them.
 */
export class WiderGraph {
  /** Nodes and readers. Those from `nodeCount` on are readers. */
  readonly size: number
  readonly nodeCount: number
  readonly #graph: Graph
  readonly #readers: readonly DbtReader[]
  readonly #inputs: readonly (readonly number[])[]
  readonly #readBy = new Map<number, number[]>()

  constructor(graph: Graph, { readers }: DbtGraph) {
    this.#graph = graph
    this.#readers = [...readers.values()]
    this.nodeCount = graph.size
    this.size = graph.size + readers.size
    const byId = new Map([...readers.keys()].map((id, k) => [id, graph.size + k]))
    this.#inputs = this.#readers.map((reader) => [
      ...reader.assets.flatMap((name) => graph.indexOf(name) ?? []),
      ...reader.readers.flatMap((id) => byId.get(id) ?? []),
    ])
    for (const [k, inputs] of this.#inputs.entries()) {
      for (const input of inputs) {
        const known = this.#readBy.get(input)
        if (known === undefined) this.#readBy.set(input, [graph.size + k])
        else known.push(graph.size + k)
      }
    }
  }

  reader(i: number): DbtReader {
    return this.#readers[i - this.nodeCount]!
  }

  /** The seeds and their ancestors at most `depth` levels above, or descendants below: 1 for each. */
  ancestors(seeds: Uint8Array, depth: number): Uint8Array {
    return reach(this.size, indices(seeds), depth, (i) => this.#inputsOf(i))
  }

  descendants(seeds: Uint8Array, depth: number): Uint8Array {
    return reach(this.size, indices(seeds), depth, (i) => this.#readersOf(i))
  }

  /** What the selected readers read: directly, or through others as a metric through its semantic model. */
  readBy(selected: Uint8Array): Uint8Array {
    const seeds = selected.slice().fill(0, 0, this.nodeCount)
    const bits = reach(this.size, indices(seeds), Number.POSITIVE_INFINITY, (i) =>
      i < this.nodeCount ? [] : this.#inputsOf(i),
    )
    return bits.fill(0, this.nodeCount)
  }

  #inputsOf(i: number): Iterable<number> {
    return i < this.nodeCount ? this.#graph.inputs(i) : this.#inputs[i - this.nodeCount]!
  }

  #readersOf(i: number): Iterable<number> {
    const more = this.#readBy.get(i)
    const readers = i < this.nodeCount ? this.#graph.readers(i) : []
    return more === undefined ? readers : [...readers, ...more]
  }
}

function* indices(bits: Uint8Array): Generator<number> {
  for (let i = 0; i < bits.length; i++) if (bits[i] !== 0) yield i
}
