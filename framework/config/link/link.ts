import type { Adjacency } from '../../lib/adjacency.ts'
import { NameTable } from '../../lib/name-table.ts'
import { topologicalOrder } from '../../lib/topological-order.ts'
import type { Fragment } from '../compile/compiled-file.ts'

/** How the assets of all files go together, by number: assets in the order of files and in them. */
export interface Linked {
  readonly names: NameTable
  readonly inputs: Adjacency
  /** null when some depend on each other. */
  readonly order: Int32Array | null
  /** Index into the traits of all files, one after another. */
  readonly trait: Int32Array
  /** The first asset of each file, and the number of all. */
  readonly assetFrom: Int32Array
  /** The first trait of each file, and the number of all. */
  readonly traitFrom: Int32Array
}

/** A file as it was when `before` was linked, by its place there, or as it is compiled now. */
export type Part = { readonly kept: number } | { readonly fragment: Fragment }

/**
 * Links files. What was linked before is not looked at again but for its numbers. Null when a name is
 * declared twice or nowhere: `linkProblems` tells which.
 */
export function link(parts: readonly Part[], before: Linked): Linked | null {
  return sameGraph(parts, before) ?? linkAnew(parts, before)
}

/**
 * What was linked before, where every file stands in its place and declares the same names with the same
 * dependencies: most edits are of something else. Null for any other.
 */
function sameGraph(parts: readonly Part[], before: Linked): Linked | null {
  if (parts.length !== before.assetFrom.length - 1) return null
  const isSame = parts.every((part, k) =>
    'kept' in part ? part.kept === k : isDeclaredAs(part.fragment, before, k),
  )
  if (!isSame) return null
  const traits = parts.map((part, k) =>
    'kept' in part ? before.traitFrom[k + 1]! - before.traitFrom[k]! : part.fragment.traits.length,
  )
  const traitFrom = offsets(traits)
  const trait = new Int32Array(before.trait.length)
  for (const [k, part] of parts.entries()) {
    const from = before.assetFrom[k]!
    for (let i = from; i < before.assetFrom[k + 1]!; i++) {
      const own =
        'kept' in part ? before.trait[i]! - before.traitFrom[k]! : part.fragment.trait[i - from]!
      trait[i] = traitFrom[k]! + own
    }
  }
  return { ...before, trait, traitFrom }
}

/** Whether a file declares what its predecessor at a place did, name by name. */
function isDeclaredAs({ names, deps }: Fragment, before: Linked, place: number): boolean {
  const from = before.assetFrom[place]!
  if (before.assetFrom[place + 1]! - from !== names.length) return false
  const { starts, targets } = before.inputs
  return names.every((name, i) => {
    if (before.names.at(from + i) !== name) return false
    const first = starts[from + i]!
    const reads = deps[i]!
    if (starts[from + i + 1]! - first !== reads.length) return false
    return reads.every((dep, at) => before.names.at(targets[first + at]!) === dep)
  })
}

function linkAnew(parts: readonly Part[], before: Linked): Linked | null {
  const pieces = parts.map((part) => ('kept' in part ? keptPiece(part.kept, before) : fresh(part)))
  const assetFrom = offsets(pieces.map(({ names }) => names.size))
  const traitFrom = offsets(pieces.map(({ traits }) => traits))
  const size = assetFrom.at(-1)!
  const names = joined(
    pieces.map((piece) => piece.names),
    size,
  )
  if (!names.isDistinct()) return null

  const moved = new Int32Array(before.names.size).fill(-1)
  for (const [k, { kept }] of pieces.entries()) {
    if (kept === null) continue
    const shift = assetFrom[k]! - before.assetFrom[kept]!
    for (let i = before.assetFrom[kept]!; i < before.assetFrom[kept + 1]!; i++) moved[i] = i + shift
  }
  const edges = new Edges(size)
  const trait = new Int32Array(size)
  for (const [k, { kept, fragment }] of pieces.entries()) {
    const from = assetFrom[k]!
    if (fragment !== null) {
      for (const [i, deps] of fragment.deps.entries()) {
        trait[from + i] = traitFrom[k]! + fragment.trait[i]!
        for (const dep of deps) if (!edges.add(names.find(dep))) return null
        edges.close()
      }
      continue
    }
    const first = before.assetFrom[kept]!
    const { starts, targets } = before.inputs
    for (let i = first; i < before.assetFrom[kept + 1]!; i++) {
      trait[from + i - first] = before.trait[i]! - before.traitFrom[kept]! + traitFrom[k]!
      for (let edge = starts[i]!; edge < starts[i + 1]!; edge++) {
        const target = targets[edge]!
        // Its file changed, and may still declare it.
        const now = moved[target]! >= 0 ? moved[target]! : names.find(before.names.at(target))
        if (!edges.add(now)) return null
      }
      edges.close()
    }
  }
  const inputs = edges.done()
  const ascending = Int32Array.from({ length: size }, (_, i) => i)
  const order = topologicalOrder(ascending, [inputs])
  return { names, inputs, order, trait, assetFrom, traitFrom }
}

/** What is linked when there are no files. */
export const NOTHING_LINKED: Linked = {
  names: NameTable.of([]),
  inputs: { starts: new Int32Array(1), targets: new Int32Array(0) },
  order: new Int32Array(0),
  trait: new Int32Array(0),
  assetFrom: new Int32Array(1),
  traitFrom: new Int32Array(1),
}

type Piece = { readonly names: NameTable; readonly traits: number } & (
  | { readonly kept: number; readonly fragment: null }
  | { readonly kept: null; readonly fragment: Fragment }
)

function keptPiece(kept: number, before: Linked): Piece {
  const { names, assetFrom, traitFrom } = before
  const starts = names.starts.subarray(assetFrom[kept]!, assetFrom[kept + 1]! + 1)
  const bytes = names.bytes.subarray(starts[0]!, starts.at(-1)!)
  return {
    names: new NameTable(
      bytes,
      starts.map((start) => start - starts[0]!),
    ),
    traits: traitFrom[kept + 1]! - traitFrom[kept]!,
    kept,
    fragment: null,
  }
}

function fresh({ fragment }: { readonly fragment: Fragment }): Piece {
  const names = NameTable.of(fragment.names)
  return { names, traits: fragment.traits.length, kept: null, fragment }
}

function joined(tables: readonly NameTable[], size: number): NameTable {
  const starts = new Int32Array(size + 1)
  let names = 0
  let bytes = 0
  for (const table of tables) {
    for (let i = 0; i < table.size; i++) starts[names++] = bytes + table.starts[i]!
    bytes += table.bytes.length
  }
  starts[size] = bytes
  return new NameTable(Buffer.concat(tables.map((table) => table.bytes)), starts)
}

function offsets(sizes: readonly number[]): Int32Array {
  const from = new Int32Array(sizes.length + 1)
  for (const [k, size] of sizes.entries()) from[k + 1] = from[k]! + size
  return from
}

/** Edges as they come, source after source; each target counts once a source. */
class Edges {
  readonly #starts: Int32Array
  readonly #lastSource: Int32Array
  readonly #targets: number[] = []
  #source = 0

  constructor(size: number) {
    this.#starts = new Int32Array(size + 1)
    this.#lastSource = new Int32Array(size).fill(-1)
  }

  /** False for a target that is none. */
  add(target: number): boolean {
    if (target < 0) return false
    if (this.#lastSource[target] !== this.#source) {
      this.#lastSource[target] = this.#source
      this.#targets.push(target)
    }
    return true
  }

  close(): void {
    this.#source += 1
    this.#starts[this.#source] = this.#targets.length
  }

  done(): Adjacency {
    return { starts: this.#starts, targets: Int32Array.from(this.#targets) }
  }
}
