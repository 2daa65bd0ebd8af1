import type { Graph } from './graph.ts'

/** The names of selected nodes as a set, stored as bits: names are read only when used. */
export class NodeSet implements ReadonlySet<string> {
  readonly graph: Graph
  /** 1 for each selected node. */
  readonly bits: Uint8Array
  readonly size: number

  constructor(graph: Graph, bits: Uint8Array) {
    this.graph = graph
    this.bits = bits
    this.size = bits.reduce((sum, bit) => sum + bit, 0)
  }

  has(name: string): boolean {
    const index = this.graph.indexOf(name)
    return index !== undefined && this.bits[index] === 1
  }

  *values(): SetIterator<string> {
    for (const index of indicesOf(this.bits)) yield this.graph.names[index]!
  }

  keys(): SetIterator<string> {
    return this.values()
  }

  *entries(): SetIterator<[string, string]> {
    for (const name of this.values()) yield [name, name]
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.values()
  }

  forEach(visit: (name: string, same: string, set: ReadonlySet<string>) => void): void {
    for (const name of this.values()) visit(name, name, this)
  }
}

/** 1 for each node of a graph whose name is in the set. Ignores names that are not in the graph. */
export function bitsOf(graph: Graph, names: ReadonlySet<string>): Uint8Array {
  // The set may belong to an earlier graph, without dbt's checks.
  if (names instanceof NodeSet && names.graph === graph) return names.bits
  const bits = new Uint8Array(graph.size)
  for (const name of names) {
    const index = graph.indexOf(name)
    if (index !== undefined) bits[index] = 1
  }
  return bits
}

/** The numbers of the selected nodes, ascending. */
export function indicesOf(bits: Uint8Array): Int32Array {
  let count = 0
  for (const bit of bits) count += bit
  const indices = new Int32Array(count)
  for (let index = 0, at = 0; index < bits.length; index++) {
    if (bits[index] === 1) indices[at++] = index
  }
  return indices
}
