import { pathGlob } from '../../../lib/glob.ts'
import type { Asset } from '../../../model/asset.ts'
import type { Problem } from '../../../model/problem.ts'
import type { CatalogNode } from './catalog.ts'
import type { LocateText } from './deps-agreement.ts'
import { fileAddress, pathOfAddress, stemOf } from './file-address.ts'
import { COMPUTED } from './file-reads.ts'
import type { Matches } from './match-assets.ts'

/**
 * Problem `undeclared-file`, at most once for each asset: its SQL reads a file that none of its `deps:`
 * writes or names, so a change of the file would go unseen (SEMANTICS 30). `byAddress` has the assets by
 * relation and by file.
 */
export function undeclaredFiles(
  assets: readonly Asset[],
  matches: Matches,
  byAddress: ReadonlyMap<string, string>,
  locate: LocateText,
): readonly Problem[] {
  const filesByAsset = new Map<string, string[]>()
  for (const [address, asset] of byAddress) {
    const path = pathOfAddress(address)
    if (path !== null) filesByAsset.set(asset, [...(filesByAsset.get(asset) ?? []), path])
  }
  return assets.flatMap((asset) => {
    const node = matches.byAsset.get(asset.name)
    if (node === undefined || node.reads.length === 0) return []
    const declared = [asset.name, ...asset.deps].flatMap((name) => filesByAsset.get(name) ?? [])
    const path = node.reads.find((read) =>
      read === COMPUTED ? declared.length === 0 : !declared.some((file) => covers(file, read)),
    )
    return path === undefined ? [] : [undeclared(asset, node, path, byAddress, locate)]
  })
}

/** Whether a declared file, folder or pattern is, or holds, all that is read. */
function covers(declared: string, read: string): boolean {
  return declared === read || read.startsWith(`${declared}/`) || pathGlob(declared)(read)
}

function undeclared(
  asset: Asset,
  node: CatalogNode,
  path: string,
  byAddress: ReadonlyMap<string, string>,
  locate: LocateText,
): Problem {
  const known = byAddress.get(fileAddress(path))
  const at = { file: asset.file, path: ['assets', asset.name, 'deps'] }
  if (path === COMPUTED) {
    return {
      code: 'undeclared-file',
      message: `${asset.name} reads a file whose path is computed, and none of its deps is a file`,
      at,
      related: [{ message: 'the model is here', at: locate(node.file, []) }],
      hint: 'declare the file as an asset, for example prices: {kind: external, path: data/prices.csv}, and add it to deps',
      asset: asset.name,
      // Any file would do.
      absent: '',
    }
  }
  const file = path.slice(path.lastIndexOf('/') + 1)
  const absent = stemOf(path)
  const name = absent === '' ? 'files' : absent
  return {
    code: 'undeclared-file',
    message: `${asset.name} reads ${path}, which is not among its deps`,
    at,
    related: [{ message: 'it is read here', at: locate(node.file, [file]) }],
    hint:
      known === undefined
        ? `declare it, for example ${name}: {kind: external, path: ${path}}, and add it to deps`
        : `add ${known} to deps`,
    asset: asset.name,
    ...(known === undefined ? { absent } : {}),
  }
}
