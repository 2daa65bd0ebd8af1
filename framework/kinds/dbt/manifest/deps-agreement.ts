import type { Asset } from '../../../model/asset.ts'
import type { Location } from '../../../model/location.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Catalog, CatalogNode, CatalogSource } from './catalog.ts'
import type { Matches } from './match-assets.ts'

/** Finds words in a file, for the place where dbt says what a model reads. */
export type Locate = (file: string, words: readonly string[]) => Location

/**
 * Whether what YAML says an asset depends on is what dbt knows it reads. `byRelation` names the
 * assets by `schema.table`. Problems: `deps-disagree`, and once for each source or model that
 * nothing declares `unknown-source` or `undeclared-model`.
 */
export function disagreements(
  assets: readonly Asset[],
  matches: Matches,
  catalog: Catalog,
  byRelation: ReadonlyMap<string, string>,
  locate: Locate,
): readonly Problem[] {
  const nodes = new Map(catalog.nodes.map((node) => [node.id, node]))
  const sources = new Map(catalog.sources.map((source) => [source.id, source]))
  const unfilled = new Map<string, Asset[]>()
  const problems: Problem[] = []
  for (const asset of assets) {
    const node = matches.byAsset.get(asset.name)
    if (node === undefined) continue
    const read = new Map<string, string>()
    for (const parent of node.parents) {
      if (!nodes.has(parent) && !sources.has(parent)) continue
      const name = assetOf(parent, matches, sources, byRelation)
      if (name !== null) read.set(name, parent)
      else unfilled.set(parent, [...(unfilled.get(parent) ?? []), asset])
    }
    const complete = node.parents.every((parent) => !unfilled.has(parent))
    const left = [...read.keys()].filter((name) => !asset.deps.includes(name))
    const extra = asset.deps.filter((name) => !read.has(name))
    // With a parent that is no asset, what looks like one too many may be its stand-in.
    if (left.length > 0 || (extra.length > 0 && complete)) {
      problems.push(disagreement(asset, node, read, left, extra, locate))
    }
  }
  for (const [id, readers] of unfilled) {
    const source = sources.get(id)
    problems.push(
      source === undefined
        ? undeclared(nodes.get(id)!, readers)
        : unknownSource(source, readers, locate),
    )
  }
  return problems
}

/** The asset behind something that dbt reads, or null. */
export function assetOf(
  parent: string,
  matches: Matches,
  sources: ReadonlyMap<string, CatalogSource>,
  byRelation: ReadonlyMap<string, string>,
): string | null {
  const source = sources.get(parent)
  if (source !== undefined) return byRelation.get(source.relation) ?? null
  return matches.byNode.get(parent) ?? null
}

function disagreement(
  asset: Asset,
  node: CatalogNode,
  read: ReadonlyMap<string, string>,
  left: readonly string[],
  extra: readonly string[],
  locate: Locate,
): Problem {
  const facts = [
    ...(left.length > 0 ? [`leave out ${left.join(', ')}`] : []),
    ...(extra.length > 0 ? [`name ${extra.join(', ')}, which dbt's model does not read`] : []),
  ]
  const [first] = left
  const words = first === undefined ? [] : lastWords(read.get(first)!)
  const message =
    first === undefined ? `${node.file} is all that it reads` : `dbt reads ${first} here`
  return {
    code: 'deps-disagree',
    message: `${asset.name}: its deps ${facts.join(' and ')}`,
    at: { file: asset.file, path: ['assets', asset.name, 'deps'] },
    related: [{ message, at: locate(node.file, words) }],
    hint: `make it deps: [${[...read.keys()].join(', ')}]`,
    asset: asset.name,
  }
}

/** What `ref()` or `source()` names: the end of a unique_id, without a version. */
function lastWords(id: string): readonly string[] {
  const [resource, , ...names] = id.split('.')
  return resource === 'source' ? names.slice(-2) : names.slice(0, 1)
}

function unknownSource(source: CatalogSource, readers: readonly Asset[], locate: Locate): Problem {
  const table = source.relation.split('.').at(-1)!
  return {
    code: 'unknown-source',
    message: `dbt's source ${source.name} (${source.relation}), which ${names(readers)} reads, is no asset`,
    at: { file: readers[0]!.file, path: ['assets', readers[0]!.name, 'deps'] },
    related: [{ message: 'the source is declared here', at: locate(source.file, [table]) }],
    hint: `declare one of kind airbyte with stream: ${table}, or of kind external with relation: ${source.relation}`,
  }
}

function undeclared(node: CatalogNode, readers: readonly Asset[]): Problem {
  return {
    code: 'undeclared-model',
    message: `dbt's ${node.name}, which ${names(readers)} reads, is no asset`,
    at: { file: readers[0]!.file, path: ['assets', readers[0]!.name, 'deps'] },
    related: [{ message: 'the model', at: { file: node.file, line: 1, column: 1 } }],
    hint: `declare ${node.name} under assets: with kind: dbt`,
  }
}

function names(readers: readonly Asset[]): string {
  const [first] = readers
  return readers.length === 1 ? first!.name : `${first!.name} with ${readers.length - 1} more`
}
