import type { Adjacency } from '../lib/adjacency.ts'
import type { NameTable } from '../lib/name-table.ts'
import type { Asset } from './asset.ts'

/** What many assets of a file have in common, most of it by `defaults:`. */
export type Trait = Pick<Asset, 'kind' | 'group' | 'owners' | 'tags' | 'policy'>

/** A YAML file's assets have the numbers from `from` up to `to`; `hash` is of the file's bytes. */
export interface FileRange {
  readonly file: string
  readonly hash: string
  readonly from: number
  readonly to: number
}

/**
 * A project's assets by number, which is their place in `Project.assets`: what has to be known of all of
 * them in every command, without an object for each. The objects are made by the file when asked for.
 */
export interface AssetTable {
  /** The build of the tool that compiled them: what one build has kept, no other trusts. */
  readonly build: string
  readonly names: NameTable
  /** The dependencies of each. */
  readonly inputs: Adjacency
  /** Every asset after its dependencies; null when some go round in a circle. */
  readonly order: Int32Array | null
  /** Index into `traits`. */
  readonly trait: Int32Array
  readonly traits: readonly Trait[]
  readonly files: readonly FileRange[]
  /** The assets of one of `files`, in its order. */
  assetsOf(file: number): readonly Asset[]
  readonly byName: ReadonlyMap<string, Asset>
}

/**
 * Code versions of assets by number, four words (128 bits) each, where nothing else about a definition
 * has to be known to decide: it is stored, built apart from others, and sets no freshness. `known` is 1
 * for those.
 */
export interface CodeVersionTable {
  readonly words: Int32Array
  readonly known: Uint8Array
}

/**
 * Records by row, as `PlainCodes` are by asset: what a decision compares when nothing moved. Rows may be
 * of assets that are no longer declared.
 */
export interface RecordTable {
  readonly names: NameTable
  /** The code version of each, four words; meaningless where `plain` is 0. */
  readonly words: Int32Array
  /** The rows of its inputs, in the order in which they were recorded. */
  readonly inputs: Adjacency
  /**
   * 1 where its data version is known, and each input was recorded at the very data version that the
   * input's own row has.
   */
  readonly plain: Uint8Array
  /** Rows that are out of date: their assets have younger records elsewhere. */
  readonly replaced: ReadonlySet<number>
  /** When the last of all records was finished, in milliseconds since the epoch. */
  readonly newest: number
}
