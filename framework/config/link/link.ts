import type { Adjacency } from '../../lib/adjacency.ts'
import { NameTable } from '../../lib/name-table.ts'
import { topologicalOrder } from '../../lib/topological-order.ts'
import type { CompiledFile } from '../compile/compiled-file.ts'
import { EdgeBuilder } from './edge-builder.ts'

/** The assets of all files by number: in the order of the files, and within a file in its order. */
export interface LinkedFiles {
  readonly names: NameTable
  readonly inputs: Adjacency
  /** A topological order of the assets; null if there is a cycle. */
  readonly order: Int32Array | null
  /** Index of each asset's trait in the concatenated traits of all files. */
  readonly trait: Int32Array
  /** The first asset of each file, then the number of assets. */
  readonly assetFrom: Int32Array
  /** The first trait of each file, then the number of traits. */
  readonly traitFrom: Int32Array
}

/** A file to link: an unchanged one by its index in the files linked before, or a compiled one. */
export type FileToLink = { readonly unchanged: number } | { readonly compiled: CompiledFile }

/**
 * Links files. `isOpen`: there may be assets that no file declares, so a dependency without one is left out.
 * Of unchanged files it needs only what `before` contains. null if a name is declared
 * twice, or a dependency is not declared: `linkProblems` reports those.
 */
export function link(
  files: readonly FileToLink[],
  before: LinkedFiles,
  isOpen: boolean,
): LinkedFiles | null {
  return reuseGraph(files, before) ?? linkAll(files, before, isOpen)
}

/**
 * The names and edges of `before` with the new traits, if every file has its old index and declares
 * the same names with the same dependencies, as after most edits. null otherwise.
 */
function reuseGraph(files: readonly FileToLink[], before: LinkedFiles): LinkedFiles | null {
  if (files.length !== before.assetFrom.length - 1) return null
  const isSame = files.every((file, k) =>
    'unchanged' in file ? file.unchanged === k : hasSameDependencies(file.compiled, before, k),
  )
  if (!isSame) return null
  const traits = files.map((file, k) =>
    'unchanged' in file
      ? before.traitFrom[k + 1]! - before.traitFrom[k]!
      : file.compiled.traits.length,
  )
  const traitFrom = offsets(traits)
  const trait = new Int32Array(before.trait.length)
  for (const [k, file] of files.entries()) {
    const from = before.assetFrom[k]!
    for (let i = from; i < before.assetFrom[k + 1]!; i++) {
      const indexInFile =
        'unchanged' in file
          ? before.trait[i]! - before.traitFrom[k]!
          : file.compiled.trait[i - from]!
      trait[i] = traitFrom[k]! + indexInFile
    }
  }
  return { ...before, trait, traitFrom }
}

/** Whether a file declares the same names and dependencies, in the same order, as file `k` before. */
function hasSameDependencies({ names, deps }: CompiledFile, before: LinkedFiles, k: number) {
  const from = before.assetFrom[k]!
  if (before.assetFrom[k + 1]! - from !== names.length) return false
  const { starts, targets } = before.inputs
  return names.every((name, i) => {
    if (before.names.at(from + i) !== name) return false
    const first = starts[from + i]!
    const reads = deps[i]!
    if (starts[from + i + 1]! - first !== reads.length) return false
    return reads.every((dep, at) => before.names.at(targets[first + at]!) === dep)
  })
}

function linkAll(
  filesToLink: readonly FileToLink[],
  before: LinkedFiles,
  isOpen: boolean,
): LinkedFiles | null {
  const files = filesToLink.map((file) =>
    'unchanged' in file ? unchangedFile(file.unchanged, before) : changedFile(file.compiled),
  )
  const assetFrom = offsets(files.map(({ names }) => names.size))
  const traitFrom = offsets(files.map(({ traitCount }) => traitCount))
  const size = assetFrom.at(-1)!
  const names = concatNames(
    files.map((file) => file.names),
    size,
  )
  if (!names.isDistinct()) return null

  /** The new number of each asset of an unchanged file, by its number before; -1 for others. */
  const newNumber = new Int32Array(before.names.size).fill(-1)
  for (const [k, { unchanged }] of files.entries()) {
    if (unchanged === null) continue
    const shift = assetFrom[k]! - before.assetFrom[unchanged]!
    const end = before.assetFrom[unchanged + 1]!
    for (let i = before.assetFrom[unchanged]!; i < end; i++) newNumber[i] = i + shift
  }
  const edges = new EdgeBuilder(size)
  const trait = new Int32Array(size)
  for (const [k, { unchanged, compiled }] of files.entries()) {
    const from = assetFrom[k]!
    if (compiled !== null) {
      for (const [i, deps] of compiled.deps.entries()) {
        trait[from + i] = traitFrom[k]! + compiled.trait[i]!
        for (const dep of deps) if (!edges.add(names.find(dep)) && !isOpen) return null
        edges.endSource()
      }
      continue
    }
    const first = before.assetFrom[unchanged]!
    const { starts, targets } = before.inputs
    for (let i = first; i < before.assetFrom[unchanged + 1]!; i++) {
      trait[from + i - first] = before.trait[i]! - before.traitFrom[unchanged]! + traitFrom[k]!
      for (let edge = starts[i]!; edge < starts[i + 1]!; edge++) {
        const target = targets[edge]!
        // The target's file changed, but may still declare the asset.
        const found =
          newNumber[target]! >= 0 ? newNumber[target]! : names.find(before.names.at(target))
        if (!edges.add(found) && !isOpen) return null
      }
      edges.endSource()
    }
  }
  const inputs = edges.edges()
  const ascending = Int32Array.from({ length: size }, (_, i) => i)
  const order = topologicalOrder(ascending, [inputs])
  return { names, inputs, order, trait, assetFrom, traitFrom }
}

/** The result of linking no files. */
export const NO_FILES: LinkedFiles = {
  names: NameTable.of([]),
  inputs: { starts: new Int32Array(1), targets: new Int32Array(0) },
  order: new Int32Array(0),
  trait: new Int32Array(0),
  assetFrom: new Int32Array(1),
  traitFrom: new Int32Array(1),
}

type NamedFile = { readonly names: NameTable; readonly traitCount: number } & (
  | { readonly unchanged: number; readonly compiled: null }
  | { readonly unchanged: null; readonly compiled: CompiledFile }
)

function unchangedFile(index: number, before: LinkedFiles): NamedFile {
  const { names, assetFrom, traitFrom } = before
  const starts = names.starts.subarray(assetFrom[index]!, assetFrom[index + 1]! + 1)
  const bytes = names.bytes.subarray(starts[0]!, starts.at(-1)!)
  return {
    names: new NameTable(
      bytes,
      starts.map((start) => start - starts[0]!),
    ),
    traitCount: traitFrom[index + 1]! - traitFrom[index]!,
    unchanged: index,
    compiled: null,
  }
}

function changedFile(compiled: CompiledFile): NamedFile {
  const names = NameTable.of(compiled.names)
  return { names, traitCount: compiled.traits.length, unchanged: null, compiled }
}

function concatNames(tables: readonly NameTable[], size: number): NameTable {
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

/** Running totals: `[2, 3]` gives `[0, 2, 5]`. */
function offsets(sizes: readonly number[]): Int32Array {
  const from = new Int32Array(sizes.length + 1)
  for (const [k, size] of sizes.entries()) from[k + 1] = from[k]! + size
  return from
}
