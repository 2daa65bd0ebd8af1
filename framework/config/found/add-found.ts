import { resolve } from '../../lib/adjacency.ts'
import { closest } from '../../lib/did-you-mean.ts'
import { NameTable } from '../../lib/name-table.ts'
import { topologicalOrder } from '../../lib/topological-order.ts'
import { type Asset, NO_POLICY } from '../../model/asset.ts'
import type { FoundAsset } from '../../model/found-asset.ts'
import type { Problem } from '../../model/problem.ts'
import type { Project } from '../../model/project.ts'
import { AssetTable } from '../../model/tables/asset-table.ts'
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
  const numbers = new Map(all.map(({ name }, i) => [name, i]))
  return {
    project: { ...project, assets: tableOf(all, numbers, assets, key) },
    problems: [...own.problems, ...unknownDependencies(declared, numbers)],
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

function assetOf({ settings: _, ...asset }: FoundAsset, more: FoundPolicy | undefined): Asset {
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
function tableOf(
  all: readonly Asset[],
  numbers: ReadonlyMap<string, number>,
  { arrays: before, size }: AssetTable,
  key: string,
): AssetTable {
  const inputs = resolve(
    all.map(({ deps }) => deps),
    numbers,
  )
  const ascending = Int32Array.from(all, (_, i) => i)
  // A definition that was made of another dependency is not used again.
  const files = before.files.map((range) => ({ ...range, hash: `${range.hash}${key}` }))
  const ranges = [...files, { file: '', hash: key, from: size, to: all.length }]
  const arrays = {
    build: before.build,
    names: NameTable.of(all.map(({ name }) => name)),
    inputs,
    order: topologicalOrder(ascending, [inputs]),
    trait: ascending,
    traits: all,
    files: ranges,
  }
  return new AssetTable(arrays, (file) => all.slice(ranges[file]!.from, ranges[file]!.to))
}

function unknownDependencies(
  declared: readonly Asset[],
  numbers: ReadonlyMap<string, number>,
): readonly Problem[] {
  return declared.flatMap(({ name, file, deps }) =>
    deps.flatMap((dep, index): readonly Problem[] => {
      if (numbers.has(dep)) return []
      const near = closest(dep, numbers.keys())
      return [
        {
          code: 'unknown-dependency',
          message: `${name} depends on ${dep}, which is neither declared nor a node of dbt`,
          at: { file, path: ['assets', name, 'deps', index] },
          hint:
            near === null
              ? 'declare it under "assets:"; use "kind: external" if another program builds it'
              : `did you mean "${near}"?`,
          asset: name,
        },
      ]
    }),
  )
}
