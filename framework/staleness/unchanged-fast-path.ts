import { NameTable } from '../lib/name-table.ts'
import type { CodeVersionTable, RecordTable } from '../model/columns.ts'
import type { Materialization } from '../model/record.ts'
import type { Settled, Shape, Version } from '../model/version.ts'
import type { World } from './world.ts'

/**
 * Assets of which nothing that a decision looks at differs from what their records say: their code, the
 * assets they read, the version of each, and nothing was begun, asked for or seen since. `decide` says
 * fresh of such an asset and `settle` its recorded version, whatever the request; this says the same of
 * a hundred thousand by comparing numbers, without an object for each. It is never the other way round:
 * what is not quiet is decided. To be asked in topological order.
 */
export class UnchangedFastPath {
  readonly #world: World
  readonly #columns: RecordTable
  readonly #codes: CodeVersionTable
  /** The row of each asset's record, -1 for none. */
  readonly #rows: Int32Array
  /** 1 where something was begun, asked for or seen. */
  readonly #disturbed: Uint8Array
  /** 1 for assets that came out at the version that their row records. */
  readonly #asRecorded: Uint8Array

  constructor(world: World, columns: RecordTable, codes: CodeVersionTable) {
    this.#world = world
    this.#columns = columns
    this.#codes = codes
    this.#rows = rowsOf(world, columns)
    this.#disturbed = disturbed(world)
    this.#asRecorded = new Uint8Array(world.graph.assetCount)
  }

  /** null where there are no columns to compare. */
  static of(world: World): UnchangedFastPath | null {
    const { recordTable: columns } = world.state
    return columns === null ? null : new UnchangedFastPath(world, columns, world.codes)
  }

  /** Whether nothing differs; every input must have been asked about or told of before. */
  holds(index: number): boolean {
    if (index >= this.#rows.length) return false
    const row = this.#rows[index]!
    if (row < 0 || this.#columns.plain[row] === 0 || this.#disturbed[index] === 1) return false
    if (this.#codes.known[index] === 0 || !this.#isSameCode(index, row)) return false
    if (!this.#areSameInputs(index, row)) return false
    this.#asRecorded[index] = 1
    return true
  }

  /** The recorded version of an asset that is quiet. */
  settledAt(index: number): Settled {
    return new AsRecorded(this, index)
  }

  /** The record of an asset that has a row. */
  recordOf(index: number): Materialization {
    const { names } = this.#columns
    return this.#world.state.records.get(names.at(this.#rows[index]!))!
  }

  /** Tells what an asset came out with that had to be decided. */
  told(index: number, settled: Settled): void {
    const row = this.#rows[index] ?? -1
    if (row < 0 || settled.state !== 'settled') return
    if (this.recordOf(index).dataVersion === settled.version) this.#asRecorded[index] = 1
  }

  #isSameCode(index: number, row: number): boolean {
    const now = this.#codes.words
    const before = this.#columns.words
    for (let word = 0; word < 4; word++) {
      if (now[index * 4 + word] !== before[row * 4 + word]) return false
    }
    return true
  }

  /** The same assets in the same order, each at the version that was recorded. */
  #areSameInputs(index: number, row: number): boolean {
    const now = this.#world.graph.parts.inputs
    const before = this.#columns.inputs
    const start = now.starts[index]!
    const first = before.starts[row]!
    const count = now.starts[index + 1]! - start
    if (before.starts[row + 1]! - first !== count) return false
    for (let k = 0; k < count; k++) {
      const input = now.targets[start + k]!
      if (this.#rows[input] !== before.targets[first + k]) return false
      if (this.#asRecorded[input] === 0) return false
    }
    return true
  }
}

/**
 * The assets whose records a decision may ask for where records are in columns: what is not quiet, and
 * what that reads. None where there are no columns, for then every record was read.
 */
export function recordsInDoubt(world: World): ReadonlySet<string> {
  const quiet = UnchangedFastPath.of(world)
  if (quiet === null) return new Set()
  const { graph } = world
  const doubtful = new Set<number>()
  for (const index of graph.order) {
    if (quiet.holds(index)) continue
    doubtful.add(index)
    for (const input of graph.inputs(index)) doubtful.add(input)
  }
  const names = new Set<string>()
  for (const index of doubtful) if (!graph.isCheck(index)) names.add(graph.names[index]!)
  return names
}

function rowsOf(world: World, columns: RecordTable): Int32Array {
  const { graph } = world
  const rows = new Int32Array(graph.assetCount).fill(-1)
  const table = graph.parts.assets ?? NameTable.of(graph.names.slice(0, graph.assetCount))
  const numbers = table.numbersOf(columns.names)
  for (let row = 0; row < numbers.length; row++) {
    const index = numbers[row]!
    if (index >= 0 && !columns.replaced.has(row)) rows[index] = row
  }
  return rows
}

function disturbed({ graph, state, observations }: World): Uint8Array {
  const marks = new Uint8Array(graph.assetCount)
  const mark = (name: string) => {
    const index = graph.indexOf(name)
    if (index !== undefined && index < marks.length) marks[index] = 1
  }
  for (const names of [state.journal, state.forced, state.observed]) {
    for (const name of names.keys()) mark(name)
  }
  for (const [name, { found, probe }] of observations) {
    const isStill = probe.answer === 'not_asked' || probe.answer === 'unchanged'
    if (found.state !== 'recorded' || !isStill) mark(name)
  }
  return marks
}

/** A version that is read out of its record when somebody asks for it. */
class AsRecorded {
  readonly state = 'settled'
  readonly #quiet: UnchangedFastPath
  readonly #index: number
  #record: Materialization | null = null

  constructor(quiet: UnchangedFastPath, index: number) {
    this.#quiet = quiet
    this.#index = index
  }

  get version(): Version {
    return this.#read().dataVersion!
  }

  get shape(): Shape | null {
    return this.#read().shape
  }

  #read(): Materialization {
    this.#record ??= this.#quiet.recordOf(this.#index)
    return this.#record
  }
}
