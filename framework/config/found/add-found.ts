import { closest } from '../../lib/did-you-mean.ts'
import { type Asset, NO_POLICY } from '../../model/asset.ts'
import type { FoundAsset } from '../../model/found-asset.ts'
import type { Problem } from '../../model/problem.ts'
import type { Project } from '../../model/project.ts'
import { AssetTable } from '../../model/tables/asset-table.ts'
import { MAX_SUGGESTIONS, unknownDependency } from '../link/link-problems.ts'
import type { FoundPolicy, foundPolicies } from './found-policies.ts'
import { onlyKeys } from './policy-keys.ts'

/**
 * The project with the assets that a kind found. One with the name of a declared asset of its kind is that asset:
 * dependencies and tags of both count, and the rest is from YAML where that says something. `key` is another one
 * whenever the found assets are. Problems: `unknown-dependency` in YAML; those of `foundPolicies`.
 */
export async function addFound(
  project: Project,
  found: readonly FoundAsset[],
  key: string,
): Promise<{ readonly project: Project; readonly problems: readonly Problem[] }> {
  const { assets } = project
  const declared = assets.all
  const more = new Map(found.map((asset) => [asset.name, asset]))
  const own = await policiesOf(found)
  const merged = declared.map((asset) => {
    const same = more.get(asset.name)
    if (same === undefined || same.kind !== asset.kind) return asset
    more.delete(asset.name)
    return withFound(asset, same, own.policies.get(asset.name))
  })
  const others = [...more.values()].map((one) => assetOf(one, own.policies.get(one.name)))
  const all = [...merged, ...others]
  const names = new Set(all.map(({ name }) => name))
  return {
    project: { ...project, assets: tableOf(all, assets, key) },
    problems: [...own.problems, ...unknownDependencies(declared, names)],
  }
}

/** Loads the schemas only if an asset has settings. */
async function policiesOf(found: readonly FoundAsset[]): Promise<ReturnType<typeof foundPolicies>> {
  if (found.every(({ settings }) => settings === null)) return { policies: new Map(), problems: [] }
  return (await import('./found-policies.ts')).foundPolicies(found)
}

function withFound(asset: Asset, found: FoundAsset, more: FoundPolicy | undefined): Asset {
  return {
    ...asset,
    ...policyWith(asset, more),
    deps: [...new Set([...asset.deps, ...found.deps])],
    group: asset.group ?? found.group,
    owners: asset.owners.length > 0 ? asset.owners : found.owners,
    tags: { ...found.tags, ...asset.tags },
    description: asset.description || found.description,
    spec: { ...asset.spec, ...found.spec },
  }
}

function assetOf(
  { settings: _, declares: __, ...asset }: FoundAsset,
  more: FoundPolicy | undefined,
): Asset {
  return { ...asset, ...policyWith({ policy: NO_POLICY }, more) }
}

/** A policy with one that was found. What YAML says of the asset itself is stronger. */
function policyWith(
  { policy, policyFrom = {} }: Pick<Asset, 'policy' | 'policyFrom'>,
  more: FoundPolicy | undefined,
): Pick<Asset, 'policy' | 'policyFrom'> {
  if (more === undefined) return { policy }
  const keys = more.keys.filter((key) => policyFrom[key] !== 'asset')
  const from = keys.map((key) => [key, 'found'] as const)
  return {
    policy: { ...policy, ...onlyKeys(more.policy, keys) },
    policyFrom: { ...policyFrom, ...Object.fromEntries(from) },
  }
}

/** A table of all assets: those of each YAML file in their range, and then the others. */
function tableOf(all: readonly Asset[], { arrays, size }: AssetTable, key: string): AssetTable {
  // A definition that was made of another dependency is not used again.
  const files = arrays.files.map((range) => ({ ...range, hash: `${range.hash}${key}` }))
  const others = { file: '', hash: key, from: size, to: all.length }
  return AssetTable.of(all, { build: arrays.build, files: [...files, others] })
}

function unknownDependencies(
  declared: readonly Asset[],
  names: ReadonlySet<string>,
): readonly Problem[] {
  let suggestionsLeft = MAX_SUGGESTIONS
  return declared.flatMap(({ name, file, deps }) =>
    deps.flatMap((dep, index) => {
      if (names.has(dep)) return []
      const suggestion = suggestionsLeft-- > 0 ? closest(dep, names) : null
      const fact = `${name} depends on ${dep}, which is neither declared nor a node of dbt`
      return [unknownDependency(name, dep, fact, file, index, suggestion)]
    }),
  )
}
