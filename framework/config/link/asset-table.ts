import { LazyMap } from '../../lib/lazy-map.ts'
import type { Asset } from '../../model/asset.ts'
import type { AssetTable } from '../../model/columns.ts'
import { decode, type Entry } from '../cache/project-cache.ts'
import { assetsOf } from '../compile/compiled-file.ts'
import type { Linked } from './link.ts'

/** The assets of linked files; a file's are decoded when one of them is asked for. */
export function columnsOf(entries: readonly Entry[], linked: Linked, build: string): AssetTable {
  const { names, inputs, order, trait, assetFrom } = linked
  const files = entries.map(({ file, hash }, k) => ({
    ...{ file, hash },
    ...{ from: assetFrom[k]!, to: assetFrom[k + 1]! },
  }))
  const decoded: (readonly Asset[])[] = []
  const assetsIn = (file: number) => {
    decoded[file] ??= assetsOf(decode(entries[file]!))
    return decoded[file]
  }
  const assetNamed = (name: string) => {
    const i = names.find(name)
    if (i < 0) return undefined
    const file = fileOf(assetFrom, i)
    return assetsIn(file)[i - assetFrom[file]!]
  }
  return {
    ...{ build, names, inputs, order, trait, files },
    traits: entries.flatMap((entry) => entry.traits),
    assetsOf: assetsIn,
    byName: new LazyMap(names.size, () => names.texts, assetNamed),
  }
}

/** The last file that begins at or before an asset and is not empty. */
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
