import { LazyMap } from '../lib/lazy-map.ts'
import type { Asset, KindName } from '../model/asset.ts'
import type { AssetTable, CodeVersionTable } from '../model/columns.ts'
import type { Definition } from '../model/definition.ts'
import type { Defined, Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { codeVersionTable, emptyCodeVersionTable, isPlainPolicy } from './code-version-table.ts'
import type { DefinedProject, Kinds } from './observe.ts'

/**
 * As `define`, from what kinds kept of an earlier command: without an object for each asset. Null where
 * no kind has kept anything that holds, or YAML pins a code version.
 */
export async function defineFromCache(kinds: Kinds, site: Site): Promise<DefinedProject | null> {
  const { assetTable } = site.project
  if (assetTable === undefined) return null
  const { traits } = assetTable
  if (traits.some(({ policy }) => policy.codeVersion !== null)) return null
  const names = [...new Set(traits.map(({ kind }) => kind))]
  const all = await Promise.all(names.map((name) => kinds(name)))
  const recalled = all.map((kind) => kind.cache?.read(assetTable, site) ?? null)
  if (recalled.every((one) => one === null)) return null

  const codes = emptyCodeVersionTable(assetTable.names.size)
  const parts: Defined[] = []
  const lookups: ReadonlyMap<string, Definition>[] = []
  for (const [k, kind] of all.entries()) {
    const kept = recalled[k]
    if (kept) {
      lookups.push(kept.definitions)
      put(codes, kept.codes)
      continue
    }
    const assets = assetsOf(assetTable, kind.name)
    const part = await kind.define(assets, site)
    parts.push(part)
    lookups.push(part.definitions)
    putNamed(codes, assets, part, assetTable)
  }
  withoutPolicies(codes, assetTable)
  return {
    definitions: lookups.length === 1 ? lookups[0]! : either(lookups),
    codes,
    checks: parts.flatMap((part) => part.checks),
    problems: parts.flatMap((part) => part.problems),
    later: parts.find((part) => part.later !== null)?.later ?? null,
    together: new Set(together(all)),
    warm: () => {
      for (const part of parts) part.warm?.()
    },
    dbt: () => new Map(parts.flatMap((part) => [...(part.dbt?.() ?? [])])),
  }
}

function together(kinds: readonly Kind[]): readonly KindName[] {
  return kinds.filter(({ batches }) => batches === 'together').map(({ name }) => name)
}

function assetsOf(columns: AssetTable, kind: KindName): readonly Asset[] {
  return columns.files.flatMap(({ from, to }, file) => {
    const isIn = columns.trait.subarray(from, to).some((at) => columns.traits[at]!.kind === kind)
    return isIn ? columns.assetsOf(file).filter((asset) => asset.kind === kind) : []
  })
}

function put(codes: CodeVersionTable, more: CodeVersionTable): void {
  for (let i = 0; i < more.known.length; i++) {
    if (more.known[i] === 0) continue
    codes.known[i] = 1
    for (let word = i * 4; word < i * 4 + 4; word++) codes.words[word] = more.words[word]!
  }
}

function putNamed(
  codes: CodeVersionTable,
  assets: readonly Asset[],
  { definitions }: Defined,
  { names }: AssetTable,
): void {
  const own = codeVersionTable(assets, definitions)
  for (const [k, { name }] of assets.entries()) {
    const i = names.find(name)
    codes.known[i] = own.known[k]!
    codes.words.set(own.words.subarray(k * 4, k * 4 + 4), i * 4)
  }
}

function withoutPolicies({ known }: CodeVersionTable, { trait, traits }: AssetTable): void {
  const plain = traits.map(({ policy }) => isPlainPolicy(policy))
  if (plain.every(Boolean)) return
  for (let i = 0; i < known.length; i++) if (!plain[trait[i]!]) known[i] = 0
}

function either(maps: readonly ReadonlyMap<string, Definition>[]): ReadonlyMap<string, Definition> {
  const find = (name: string) => {
    for (const map of maps) {
      const found = map.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }
  const size = maps.reduce((sum, map) => sum + map.size, 0)
  return new LazyMap(size, () => maps.flatMap((map) => [...map.keys()]), find)
}
