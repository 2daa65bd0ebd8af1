import { hash } from '../../../lib/hash.ts'
import type { Json } from '../../../lib/json.ts'
import type { Asset } from '../../../model/asset.ts'
import type { FoundAsset } from '../../../model/found-asset.ts'
import type { Catalog, CatalogNode, CatalogSource } from './catalog.ts'
import { addressOf, fileAddress } from './file-address.ts'
import { COMPUTED } from './file-reads.ts'
import { matchNodes } from './match-assets.ts'
import type { About } from './worker-manifest.ts'

/**
 * The assets of a dbt project: every selected node, and an external for each table and file that these read and
 * nothing else delivers. `declared` are those that YAML declares, whose names are taken; one of kind dbt is the
 * node that it names. `byAddress` has the declared ones of other kinds by `schema.table` and by file. Pure.
 */
export function foundAssets(
  declared: readonly Asset[],
  catalog: Catalog,
  byAddress: ReadonlyMap<string, string>,
): readonly FoundAsset[] {
  const ofDbt = declared.filter(({ kind }) => kind === 'dbt')
  const { byNode } = matchNodes(ofDbt, catalog)
  const isSelected = selectionOf(catalog)
  const nodes = catalog.nodes.filter(({ id }) => byNode.has(id) || isSelected(id))
  const names = new Names(new Set(declared.map(({ name }) => name)))
  const nodeNames = new Map(byNode)
  for (const [node, name] of names.ofNodes(nodes.filter(({ id }) => !byNode.has(id)))) {
    nodeNames.set(node.id, name)
  }
  return new Finding(catalog, nodeNames, names, byAddress).assetsOf(nodes)
}

/** The names of found assets with the unique_ids of their nodes; of sources, those of what delivers their rows. */
export function namedNodes(
  found: readonly FoundAsset[],
  { nodes, sources }: Catalog,
  byAddress: ReadonlyMap<string, string>,
): () => readonly (readonly [name: string, id: string])[] {
  return () => {
    const addresses = new Map(byAddress)
    const names = new Map(found.map(({ name, spec }) => [spec.model, name]))
    for (const { name, kind, spec } of found) {
      const { relation, path } = spec
      if (kind !== 'external') continue
      if (typeof path === 'string') addresses.set(fileAddress(path), name)
      else if (typeof relation === 'string') addresses.set(relation, name)
    }
    for (const { id, relation, writes } of nodes) {
      const name = names.get(id)
      if (name === undefined) continue
      for (const address of [relation, writes && fileAddress(writes)]) {
        if (address && !addresses.has(address)) addresses.set(address, name)
      }
    }
    return [
      ...sources.flatMap((source): [string, string][] => {
        const name = addresses.get(addressOf(source))
        return name === undefined ? [] : [[name, source.id]]
      }),
      ...nodes.flatMap(({ id }): [string, string][] => {
        const name = names.get(id)
        return name === undefined ? [] : [[name, id]]
      }),
    ]
  }
}

function selectionOf({ selected }: Catalog): (id: string) => boolean {
  if (selected === null) return () => true
  const ids = new Set(selected)
  return (id) => ids.has(id)
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

/** Collects the assets, and the externals that they read. */
class Finding {
  readonly #nodes: ReadonlyMap<string, CatalogNode>
  readonly #sources: ReadonlyMap<string, CatalogSource>
  readonly #nodeNames: ReadonlyMap<string, string>
  readonly #names: Names
  readonly #byAddress: Map<string, string>
  readonly #externals: FoundAsset[] = []

  constructor(
    catalog: Catalog,
    nodeNames: ReadonlyMap<string, string>,
    names: Names,
    byAddress: ReadonlyMap<string, string>,
  ) {
    this.#nodes = new Map(catalog.nodes.map((node) => [node.id, node]))
    this.#sources = new Map(catalog.sources.map((source) => [source.id, source]))
    this.#nodeNames = nodeNames
    this.#names = names
    this.#byAddress = new Map(byAddress)
    for (const { id, relation, writes } of catalog.nodes) {
      const name = nodeNames.get(id)
      if (name === undefined) continue
      for (const address of [relation, writes && fileAddress(writes)]) {
        if (address && !this.#byAddress.has(address)) this.#byAddress.set(address, name)
      }
    }
  }

  assetsOf(nodes: readonly CatalogNode[]): readonly FoundAsset[] {
    const found = nodes.map((node) => {
      const name = this.#nodeNames.get(node.id)!
      const files = node.reads.flatMap((path) =>
        path === COMPUTED ? [] : [this.#file(path, node)],
      )
      const deps = [...node.parents.flatMap((id) => this.#parent(id)), ...files]
      const own = new Set(deps.filter((dep) => dep !== name))
      return assetOf(name, 'dbt', node.file, { model: node.id }, [...own], node.about)
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
  return { name, kind, deps, group, owners, tags: pairs, description, spec, file, settings }
}
