import { AssetTable } from '../../model/tables/asset-table.ts'
import { decode, type Entry } from '../cache/project-cache.ts'
import { assetsOf } from '../compile/compiled-file.ts'
import type { Linked } from './link.ts'

/** The assets of linked files; a file is decoded when one of its assets is asked for. */
export function assetTable(entries: readonly Entry[], linked: Linked, build: string): AssetTable {
  const { names, inputs, order, trait, assetFrom } = linked
  const files = entries.map(({ file, hash }, k) => ({
    file,
    hash,
    from: assetFrom[k]!,
    to: assetFrom[k + 1]!,
  }))
  const traits = entries.flatMap((entry) => entry.traits)
  const arrays = { build, names, inputs, order, trait, traits, files }
  return new AssetTable(arrays, (file) => assetsOf(decode(entries[file]!)))
}
