import type { Graph } from './graph.ts'

/** Names of marked nodes as a set, which takes no text until somebody asks for one. */
export class NodeSet implements ReadonlySet<string> {
  readonly graph: Graph
  /** A bit (1) for each node that is in it. */
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

/** A bit (1) for each node of a graph whose name is in the set; names of no node are left out. */
export function bitsOf(graph: Graph, names: ReadonlySet<string>): Uint8Array {
  // The set may be of another graph, in which dbt's checks had no place yet.
  if (names instanceof NodeSet && names.graph === graph) return names.bits
  const bits = new Uint8Array(graph.size)
  for (const name of names) {
    const index = graph.indexOf(name)
    if (index !== undefined) bits[index] = 1
  }
  return bits
}

/** The numbers of marked nodes, ascending. */
export function indicesOf(bits: Uint8Array): Int32Array {
  let count = 0
  for (const bit of bits) count += bit
  const indices = new Int32Array(count)
  for (let index = 0, at = 0; index < bits.length; index++) {
    if (bits[index] === 1) indices[at++] = index
  }
  return indices
}
