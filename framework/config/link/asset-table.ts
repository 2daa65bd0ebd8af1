import { AssetTable } from '../../model/tables/asset-table.ts'
import { type CachedFile, readCompiledFile } from '../cache/project-cache.ts'
import { assetsOf } from '../compile/compiled-file.ts'
import type { LinkedFiles } from './link.ts'

/** The assets of linked files. A file is read when one of its assets is first used. */
export function assetTableOf(
  cached: readonly CachedFile[],
  linked: LinkedFiles,
  build: string,
): AssetTable {
  const { names, inputs, order, trait, assetFrom } = linked
  const files = cached.map(({ file, hash }, k) => ({
    file,
    hash,
    from: assetFrom[k]!,
    to: assetFrom[k + 1]!,
  }))
  const traits = cached.flatMap((one) => one.traits)
  const arrays = { build, names, inputs, order, trait, traits, files }
  return new AssetTable(arrays, (file) => assetsOf(readCompiledFile(cached[file]!)))
}
