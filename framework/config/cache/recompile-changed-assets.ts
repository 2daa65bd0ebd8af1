import type { KindName } from '../../model/asset.ts'
import { compileAssets } from '../compile/compile-assets.ts'
import { CompiledAssetsBuilder } from '../compile/compiled-assets-builder.ts'
import type { CompiledFile } from '../compile/compiled-file.ts'
import { isMapping } from '../compile/mapping.ts'
import type { KindSchemas } from '../schema/kind-schemas.ts'
import { parseYaml } from '../yaml/document.ts'
import { readValue } from '../yaml/value.ts'
import { hashSplit, isSplitAtAssets, splitByAsset } from './split-by-asset.ts'

/**
 * Compiles an edited file by compiling only the assets whose text changed; `before` has the others.
 * null if the result could differ from compiling the whole file, or if there is any problem: then the
 * whole file has to be compiled (decisions/0005).
 */
export async function recompileChangedAssets(
  file: string,
  text: string,
  before: CompiledFile,
  kinds: KindSchemas,
  unnamed: KindName | null,
): Promise<CompiledFile | null> {
  const split = splitByAsset(text)
  if (split === null || before.split === null || before.project !== null) return null
  const hashes = hashSplit(split)
  if (hashes.preamble !== before.split.preamble) return null
  const indexBefore = new Map(before.split.assets.map((asset, index) => [asset, index]))
  const unchanged = hashes.assets.map((asset) => indexBefore.get(asset) ?? null)
  const changedTexts = split.assets.filter((_, k) => unchanged[k] === null)
  if (changedTexts.length * 2 > split.assets.length) return null

  // The parts left out are whole assets, so the rest of the text keeps its meaning.
  const document = parseYaml(file, [split.preamble, ...changedTexts].join(''))
  if (!document.ok) return null
  if (!isSplitAtAssets({ ...split, assets: changedTexts }, document.value)) return null
  const { value, problems } = readValue(document.value)
  if (problems.length > 0 || !isMapping(value)) return null
  const { compiled: changed, problems: found } = await compileAssets(file, value, kinds, unnamed)
  if (found.length > 0) return null

  const builder = new CompiledAssetsBuilder()
  let next = 0
  for (const index of unchanged) {
    if (index === null) builder.copy(changed, next++)
    else builder.copy(before, index)
  }
  const { names, deps } = builder
  if (new Set(names).size < names.length) return null
  const changedNames = new Set(changed.names)
  const uses = [
    ...before.pools.filter(({ asset }) => asset === null || !changedNames.has(asset)),
    ...changed.pools.filter(({ asset }) => asset !== null),
  ]
  const useOf = new Map(uses.map((use) => [use.asset, use]))
  const pools = [null, ...names].flatMap((asset) => useOf.get(asset) ?? [])
  return { file, names, deps, pools, ...builder.arrays(), project: null, split: hashes }
}
