import { Lookup } from '../../lib/lookup.ts'
import type { Asset } from '../../model/asset.ts'
import type { AssetTable } from '../../model/columns.ts'
import { type CachedFile, readCompiledFile } from '../cache/project-cache.ts'
import { assetsOf } from '../compile/compiled-file.ts'
import type { LinkedFiles } from './link.ts'

/** The asset table of linked files. A file's asset objects are created when one of them is first used. */
export function assetTableOf(
  cached: readonly CachedFile[],
  linked: LinkedFiles,
  build: string,
): AssetTable {
  const { names, inputs, order, trait, assetFrom } = linked
  const files = cached.map(({ file, hash }, k) => ({
    ...{ file, hash },
    ...{ from: assetFrom[k]!, to: assetFrom[k + 1]! },
  }))
  const assetsByFile: (readonly Asset[])[] = []
  const assetsIn = (file: number) => {
    assetsByFile[file] ??= assetsOf(readCompiledFile(cached[file]!))
    return assetsByFile[file]
  }
  const assetNamed = (name: string) => {
    const i = names.find(name)
    if (i < 0) return undefined
    const file = fileOf(assetFrom, i)
    return assetsIn(file)[i - assetFrom[file]!]
  }
  return {
    ...{ build, names, inputs, order, trait, files },
    traits: cached.flatMap(({ traits }) => traits),
    assetsOf: assetsIn,
    byName: new Lookup(names.size, () => names.texts, assetNamed),
  }
}

/** The file of asset `i`: the last one whose first asset is at or before `i`. */
function fileOf(assetFrom: Int32Array, i: number): number {
  let low = 0
  let high = assetFrom.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (assetFrom[middle]! <= i) low = middle
    else high = middle
  }
  return low
}
