import { hash } from '../../../lib/hash.ts'
import type { Json } from '../../../lib/json.ts'
import type { Asset } from '../../../model/asset.ts'
import type { FoundAsset } from '../../../model/found-asset.ts'
import { type Catalog, type CatalogNode, type CatalogSource, selectionOf } from './catalog.ts'
import { addressOf, fileAddress } from './file-address.ts'
import { COMPUTED } from './file-reads.ts'
import { matchNodes, namesOf } from './match-assets.ts'
import { addressesOf, namedIds } from './named-nodes.ts'
import type { About } from './worker-manifest.ts'

export interface FoundInDbt {
  readonly assets: readonly FoundAsset[]
  /** Their names with the unique_ids of dbt, as of `namedIds`. */
  readonly ids: () => ReturnType<typeof namedIds>
}

/**
 * The assets of a dbt project: every selected node, and an external for each table and file that these read and
 * nothing else delivers. `declared` are those that YAML declares, whose names are taken; one of kind dbt is the
 * node that it names. `byAddress` has the declared ones of other kinds by `schema.table` and by file. Pure.
 */
export function foundAssets(
  declared: readonly Asset[],
  catalog: Catalog,
  byAddress: ReadonlyMap<string, string>,
): FoundInDbt {
  const ofDbt = declared.filter(({ kind }) => kind === 'dbt')
  const { byNode } = matchNodes(ofDbt, catalog)
  const isSelected = selectionOf(catalog)
  const nodes = catalog.nodes.filter(({ id }) => byNode.has(id) || isSelected(id))
  const names = new Names(new Set(declared.map(({ name }) => name)))
  const nodeNames = new Map(byNode)
  for (const [node, name] of names.ofNodes(nodes.filter(({ id }) => !byNode.has(id)))) {
    nodeNames.set(node.id, name)
  }
  const named = nodes.map((node) => [nodeNames.get(node.id)!, node] as const)
  const addresses = addressesOf(named, byAddress)
  const assets = new Finding(catalog, nodeNames, names, addresses).assetsOf(nodes)
  return { assets, ids: () => namedIds(named, catalog, addresses) }
}

/** Gives names that no other asset has. */
class Names {
  readonly #taken: Set<string>

  constructor(taken: Set<string>) {
    this.#taken = taken
  }

  /** Nodes of several packages that have one name get their package's name before it. */
  ofNodes(nodes: readonly CatalogNode[]): readonly (readonly [CatalogNode, string])[] {
    const times = new Map<string, number>()
    for (const node of nodes) times.set(bareName(node), (times.get(bareName(node)) ?? 0) + 1)
    return nodes.map((node) => {
      const bare = bareName(node)
      const isPlain = times.get(bare) === 1 && !this.#taken.has(bare)
      return [node, this.take(isPlain ? bare : validName(`${node.package}.${bare}`), node.id)]
    })
  }

  /** `id` makes a name that is taken another one, always the same. */
  take(wanted: string, id: string): string {
    const name = this.#taken.has(wanted) ? `${wanted}.x${hash(id).slice(0, 8)}` : wanted
    this.#taken.add(name)
    return name
  }
}

const bareName = ({ name, version }: CatalogNode): string =>
  validName(version === null ? name : `${name}.v${version}`)

/** The name with `_` for what the name of an asset can't have. */
function validName(text: string): string {
  const parts = text.split('.').map((part) => part.replace(/\W/g, '_').replace(/^(?=\d|$)/, '_'))
  return parts.join('.')
}

/** Collects the assets, and the externals that they read, whose addresses it adds to `byAddress`. */
class Finding {
  readonly #nodes: ReadonlyMap<string, CatalogNode>
  readonly #sources: ReadonlyMap<string, CatalogSource>
  readonly #nodeNames: ReadonlyMap<string, string>
  readonly #names: Names
  readonly #byAddress: Map<string, string>
  readonly #externals: FoundAsset[] = []
  readonly #known: ReturnType<typeof namesOf>

  constructor(
    catalog: Catalog,
    nodeNames: ReadonlyMap<string, string>,
    names: Names,
    byAddress: Map<string, string>,
  ) {
    this.#nodes = new Map(catalog.nodes.map((node) => [node.id, node]))
    this.#sources = new Map(catalog.sources.map((source) => [source.id, source]))
    this.#known = namesOf(catalog)
    this.#nodeNames = nodeNames
    this.#names = names
    this.#byAddress = byAddress
  }

  assetsOf(nodes: readonly CatalogNode[]): readonly FoundAsset[] {
    const found = nodes.map((node) => {
      const name = this.#nodeNames.get(node.id)!
      const files = node.reads.flatMap((path) =>
        path === COMPUTED ? [] : [this.#file(path, node)],
      )
      const deps = [...node.parents.flatMap((id) => this.#parent(id)), ...files]
      const own = new Set(deps.filter((dep) => dep !== name))
      const found = assetOf(name, 'dbt', node.file, { model: node.id }, [...own], node.about)
      const isNamed = this.#known.get(name)?.length === 1 && this.#known.get(name)?.[0] === node
      return isNamed ? { ...found, declares: {} } : found
    })
    return [...found, ...this.#externals]
  }

  /** The assets that stand for a node or a source that is read. */
  #parent(id: string): readonly string[] {
    const name = this.#nodeNames.get(id)
    if (name !== undefined) return [name]
    const source = this.#sources.get(id)
    if (source !== undefined) return [this.#source(source)]
    const node = this.#nodes.get(id)
    if (node === undefined) return []
    // It is left out, so something else builds it. An ephemeral is part of its readers.
    if (node.relation === null) return node.parents.flatMap((parent) => this.#parent(parent))
    return [this.#external(node.relation, bareName(node), node, { relation: node.relation })]
  }

  #source(source: CatalogSource): string {
    const { relation, path, name } = source
    const spec: Readonly<Record<string, Json>> = path === null ? { relation } : { path }
    return this.#external(addressOf(source), validName(name), source, spec)
  }

  #file(path: string, { file, id }: CatalogNode): string {
    const base = path.slice(path.lastIndexOf('/') + 1)
    const about = { description: '', tags: [], group: null, owners: [], settings: null }
    const from = { id: `${id} ${path}`, file, about }
    return this.#external(fileAddress(path), validName(base), from, { path })
  }

  /** The asset at an address; an external if there is none. */
  #external(
    address: string,
    wanted: string,
    { id, file, about }: Pick<CatalogSource, 'id' | 'file' | 'about'>,
    spec: FoundAsset['spec'],
  ): string {
    const known = this.#byAddress.get(address)
    if (known !== undefined) return known
    const name = this.#names.take(wanted, id)
    this.#byAddress.set(address, name)
    this.#externals.push(assetOf(name, 'external', file, spec, [], about))
    return name
  }
}

function assetOf(
  name: string,
  kind: string,
  file: string,
  spec: FoundAsset['spec'],
  deps: readonly string[],
  { description, tags, group, owners, settings }: About,
): FoundAsset {
  const pairs = Object.fromEntries(tags.map((tag) => [tag, '']))
  const about = { group, owners, tags: pairs, description, settings }
  return { name, kind, deps, ...about, spec, declares: spec, file }
}
