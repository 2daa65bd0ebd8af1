import { closest } from '../../../lib/did-you-mean.ts'
import type { Asset } from '../../../model/asset.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Catalog, CatalogNode } from './catalog.ts'

/** Each suggestion compares a name with all names. */
const MAX_SUGGESTIONS = 100

/** The dbt node (model, seed, snapshot or function) of each asset. */
export interface Matches {
  readonly byAsset: ReadonlyMap<string, CatalogNode>
  /** Asset names by unique_id. */
  readonly byNode: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/**
 * Finds the node of each asset by `model:` or by the asset's name. Problems: `unknown-model`,
 * `disabled-model`, `ambiguous-model`, `duplicate-model`.
 */
export function matchNodes(assets: readonly Asset[], catalog: Catalog): Matches {
  const known = namesOf(catalog)
  const byAsset = new Map<string, CatalogNode>()
  const byNode = new Map<string, string>()
  const problems: Problem[] = []
  for (const asset of assets) {
    const wanted = wantedName(asset)
    const nodes = known.get(wanted) ?? []
    const [node] = nodes
    if (node === undefined) {
      const candidates = problems.length < MAX_SUGGESTIONS ? known.keys() : []
      problems.push(unknownModel(asset, wanted, catalog, candidates))
    } else if (nodes.length > 1) problems.push(ambiguous(asset, wanted, nodes))
    else {
      const other = byNode.get(node.id)
      if (other === undefined) {
        byAsset.set(asset.name, node)
        byNode.set(node.id, asset.name)
      } else problems.push(duplicate(asset, other, node, assets))
    }
  }
  return { byAsset, byNode, problems }
}

function wantedName(asset: Asset): string {
  return typeof asset.spec.model === 'string' ? asset.spec.model : asset.name
}

/** Nodes by each of the names that `model:` can have. The bare name of a versioned model is its latest version. */
export function namesOf(catalog: Catalog): ReadonlyMap<string, readonly CatalogNode[]> {
  const names = new Map<string, CatalogNode[]>()
  const add = (name: string, node: CatalogNode) => {
    const nodes = names.get(name)
    if (nodes === undefined) names.set(name, [node])
    else nodes.push(node)
  }
  for (const node of catalog.nodes) {
    const versioned = node.version === null ? node.name : `${node.name}.v${node.version}`
    const own = new Set([node.id, versioned, `${node.package}.${versioned}`])
    if (node.latest) own.add(node.name).add(`${node.package}.${node.name}`)
    for (const name of own) add(name, node)
  }
  return names
}

function unknownModel(
  asset: Asset,
  wanted: string,
  catalog: Catalog,
  names: Iterable<string>,
): Problem {
  const disabled = catalog.disabled.find(({ name }) => name === wanted)
  const at = pointer(asset)
  if (disabled !== undefined) {
    return {
      code: 'disabled-model',
      message: `${asset.name}: dbt model ${wanted} is disabled`,
      at,
      related: [{ message: 'disabled here, or in dbt_project.yml', at: startOf(disabled.file) }],
      hint: 'enable it in dbt, or remove the asset',
      asset: asset.name,
    }
  }
  const near = closest(wanted, names)
  return {
    code: 'unknown-model',
    message: `${asset.name}: dbt has no model, seed, snapshot or function called ${wanted}`,
    at,
    hint:
      near === null ? 'create it in dbt, or name another one with model:' : `did you mean ${near}?`,
    asset: asset.name,
  }
}

function ambiguous(asset: Asset, wanted: string, nodes: readonly CatalogNode[]): Problem {
  return {
    code: 'ambiguous-model',
    message: `${asset.name}: ${nodes.length} dbt nodes are called ${wanted}`,
    at: pointer(asset),
    related: nodes.map((node) => ({ message: node.id, at: startOf(node.file) })),
    hint: `choose one, for example model: ${nodes[0]!.id}`,
    asset: asset.name,
  }
}

function duplicate(
  asset: Asset,
  other: string,
  node: CatalogNode,
  assets: readonly Asset[],
): Problem {
  const first = assets.find(({ name }) => name === other)!
  return {
    code: 'duplicate-model',
    message: `${asset.name} and ${other} have the same dbt node, ${node.id}`,
    at: pointer(asset),
    related: [{ message: `${other} is declared here`, at: pointer(first) }],
    hint: 'remove one of them',
    asset: asset.name,
  }
}

function pointer(asset: Asset) {
  return typeof asset.spec.model === 'string'
    ? { file: asset.file, path: ['assets', asset.name, 'model'] }
    : { file: asset.file, path: ['assets', asset.name], key: true as const }
}

function startOf(file: string) {
  return { file, line: 1, column: 1 }
}
