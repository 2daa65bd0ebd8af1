import { type Adjacency, resolve } from '../../lib/adjacency.ts'
import { NameTable } from '../../lib/name-table.ts'
import { topologicalOrder } from '../../lib/topological-order.ts'
import type { Asset } from '../asset.ts'

/** What many assets of a file have in common, most of it from `defaults:`. */
export type Trait = Pick<Asset, 'kind' | 'group' | 'owners' | 'tags' | 'policy' | 'policyFrom'>

/** A YAML file with the assets from number `from` up to `to`. `hash`: of the file's bytes. */
export interface FileRange {
  readonly file: string
  readonly hash: string
  readonly from: number
  readonly to: number
}

/** What every command needs to know of all assets, as typed arrays. */
export interface AssetArrays {
  /** The build of the tool that compiled the files; caches of another build are not used. */
  readonly build: string
  readonly names: NameTable
  /** The dependencies of each asset. */
  readonly inputs: Adjacency
  /** Every asset after its dependencies; null if there is a cycle. */
  readonly order: Int32Array | null
  /** Index into `traits`. */
  readonly trait: Int32Array
  readonly traits: readonly Trait[]
  readonly files: readonly FileRange[]
}

/**
 * The assets of a project by number, in the order of the files and within them. A hundred thousand
 * assets cost no objects: those of a file are created when one of them is asked for.
 */
export class AssetTable implements Iterable<Asset> {
  readonly arrays: AssetArrays
  readonly #assetsIn: (file: number) => readonly Asset[]
  readonly #created: (readonly Asset[])[] = []
  #all: readonly Asset[] | null = null

  /** `assetsIn` creates the assets of one of `arrays.files`, in order; it is called once for each. */
  constructor(arrays: AssetArrays, assetsIn: (file: number) => readonly Asset[]) {
    this.arrays = arrays
    this.#assetsIn = assetsIn
  }

  /**
   * A table of assets that exist as objects. A dependency that names no asset is left out. Without `from`, they
   * are of one file.
   */
  static of(
    assets: readonly Asset[],
    from: Pick<AssetArrays, 'build' | 'files'> = {
      build: '',
      files: [{ file: '', hash: '', from: 0, to: assets.length }],
    },
  ): AssetTable {
    const names = NameTable.of(assets.map(({ name }) => name))
    const numbers = new Map(assets.map(({ name }, i) => [name, i]))
    const inputs = resolve(
      assets.map(({ deps }) => deps),
      numbers,
    )
    const ascending = Int32Array.from(assets, (_, i) => i)
    const arrays = {
      ...from,
      names,
      inputs,
      order: topologicalOrder(ascending, [inputs]),
      trait: ascending,
      traits: assets,
    }
    const { files } = from
    return new AssetTable(arrays, (file) => assets.slice(files[file]!.from, files[file]!.to))
  }

  get size(): number {
    return this.arrays.names.size
  }

  /** Every asset, in order. */
  get all(): readonly Asset[] {
    this.#all ??= this.arrays.files.flatMap((_, file) => this.inFile(file))
    return this.#all
  }

  /** The assets of one of `arrays.files`, in order. */
  inFile(file: number): readonly Asset[] {
    const created = this.#created[file] ?? this.#assetsIn(file)
    this.#created[file] = created
    return created
  }

  /** The assets with a matching trait, in order. Files without one stay uncreated. */
  withTrait(matches: (trait: Trait) => boolean): readonly Asset[] {
    const { files, trait, traits } = this.arrays
    const isMatch = traits.map(matches)
    if (!isMatch.includes(true)) return []
    return files.flatMap(({ from, to }, file) => {
      if (!trait.subarray(from, to).some((at) => isMatch[at])) return []
      return this.inFile(file).filter((_, k) => isMatch[trait[from + k]!])
    })
  }

  at(i: number): Asset {
    const file = this.#fileOf(i)
    return this.inFile(file)[i - this.arrays.files[file]!.from]!
  }

  get(name: string): Asset | undefined {
    const i = this.arrays.names.find(name)
    return i < 0 ? undefined : this.at(i)
  }

  /** The names of the kinds that occur. */
  kinds(): ReadonlySet<string> {
    return new Set(this.arrays.traits.map(({ kind }) => kind))
  }

  [Symbol.iterator](): Iterator<Asset> {
    return this.all[Symbol.iterator]()
  }

  #fileOf(i: number): number {
    const { files } = this.arrays
    let low = 0
    let high = files.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      // Files without assets have the `from` of the file after them, so take the last match.
      if (files[middle]!.from <= i) low = middle
      else high = middle
    }
    return low
  }
}
