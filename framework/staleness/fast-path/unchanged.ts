import type { Materialization } from '../../model/record.ts'
import type { Settled, Shape, Version } from '../../model/version.ts'
import type { World } from '../world.ts'

/** Verdicts of nodes that need no decision. Call `holds` in topological order. */
export interface FastPath {
  /** Whether the node is fresh; each input must have been asked about or decided before. */
  holds(i: number): boolean
  /** The version of a node for which `holds` is true. */
  settledAt(i: number): Settled
  /** Takes the version of a node that was decided. */
  decided(i: number, settled: Settled): void
}

/**
 * The fast path of `decide`: assets whose code, inputs, input versions, journal and observations equal
 * the record. For these `decide` is fresh by definition in every command, and is not called. The fast
 * path compares numbers in typed arrays, so a hundred thousand assets need no objects. Everything that
 * does not match is decided.
 */
export class Unchanged implements FastPath {
  readonly #world: World
  /** The record's row of each asset, -1 for none. */
  readonly #rows: Int32Array
  /** 1 if a step was begun, a build was forced, or a change was observed. */
  readonly #touched: Uint8Array
  /** 1 for assets whose version is the one that their row records. */
  readonly #isAtRecordedVersion: Uint8Array

  constructor(world: World) {
    this.#world = world
    this.#rows = rowsOf(world)
    this.#touched = touchedOf(world)
    this.#isAtRecordedVersion = new Uint8Array(world.graph.assetCount)
  }

  holds(i: number): boolean {
    if (i >= this.#rows.length) return false
    const row = this.#rows[i]!
    const { codes, plain } = this.#world.state.records.index
    if (row < 0 || plain[row] === 0 || this.#touched[i] === 1) return false
    const now = this.#world.parts.codes
    if (!now.has(i) || !now.equals(i, codes, row)) return false
    if (!this.#hasSameInputs(i, row)) return false
    this.#isAtRecordedVersion[i] = 1
    return true
  }

  settledAt(i: number): Settled {
    return new AsRecorded(this, i)
  }

  /** The record of a node for which `holds` is true. */
  recordOf(i: number): Materialization {
    const { records } = this.#world.state
    return records.get(records.index.names.at(this.#rows[i]!))!
  }

  decided(i: number, settled: Settled): void {
    const row = this.#rows[i] ?? -1
    if (row < 0 || settled.state !== 'settled') return
    const record = this.#world.state.records.get(this.#world.name(i))
    if (record?.dataVersion === settled.version) this.#isAtRecordedVersion[i] = 1
  }

  /** Whether the inputs are the recorded ones in the same order, each at the recorded version. */
  #hasSameInputs(i: number, row: number): boolean {
    const now = this.#world.graph.parts.inputs
    const before = this.#world.state.records.index.inputs
    const start = now.starts[i]!
    const first = before.starts[row]!
    const count = now.starts[i + 1]! - start
    if (before.starts[row + 1]! - first !== count) return false
    for (let k = 0; k < count; k++) {
      const input = now.targets[start + k]!
      if (this.#rows[input] !== before.targets[first + k]) return false
      if (this.#isAtRecordedVersion[input] === 0) return false
    }
    return true
  }
}

/**
 * The assets whose records a decision may read: those that the fast path does not answer for, and
 * their inputs.
 */
export function recordsInDoubt(world: World): ReadonlySet<string> {
  const { graph } = world
  const fastPath = new Unchanged(world)
  const doubtful = new Set<number>()
  for (const i of graph.order) {
    if (fastPath.holds(i)) continue
    doubtful.add(i)
    for (const input of graph.inputs(i)) doubtful.add(input)
  }
  const names = new Set<string>()
  for (const i of doubtful) if (!graph.isCheck(i)) names.add(graph.names[i]!)
  return names
}

function rowsOf({ graph, parts, state }: World): Int32Array {
  const rows = new Int32Array(graph.assetCount).fill(-1)
  const { index, replaced } = state.records
  const numbers = parts.assets.arrays.names.numbersOf(index.names)
  for (let row = 0; row < numbers.length; row++) {
    const i = numbers[row]!
    if (i >= 0 && !replaced.has(row)) rows[i] = row
  }
  return rows
}

function touchedOf({ graph, state, parts }: World): Uint8Array {
  const touched = new Uint8Array(graph.assetCount)
  const touch = (name: string) => {
    const i = graph.indexOf(name)
    if (i !== undefined && i < touched.length) touched[i] = 1
  }
  for (const names of [state.journal, state.forced, state.observed]) {
    for (const name of names.keys()) touch(name)
  }
  for (const [name, { found, probe }] of parts.observations) {
    const isStill = probe.answer === 'not_asked' || probe.answer === 'unchanged'
    if (found.state !== 'recorded' || !isStill) touch(name)
  }
  return touched
}

/** A recorded version, read from its record when it is used. No closure: there is one for each asset. */
class AsRecorded {
  readonly state = 'settled'
  readonly #fastPath: Unchanged
  readonly #i: number

  constructor(fastPath: Unchanged, i: number) {
    this.#fastPath = fastPath
    this.#i = i
  }

  get version(): Version {
    return this.#fastPath.recordOf(this.#i).dataVersion!
  }

  get shape(): Shape | null {
    return this.#fastPath.recordOf(this.#i).shape
  }
}
