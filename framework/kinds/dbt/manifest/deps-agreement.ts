import type { Asset } from '../../../model/asset.ts'
import type { Location } from '../../../model/location.ts'
import type { Problem } from '../../../model/problem.ts'
import { relationParts } from '../../../model/relation-name.ts'
import { type Catalog, type CatalogNode, type CatalogSource, selectionOf } from './catalog.ts'
import { addressOf } from './file-address.ts'
import type { Matches } from './match-assets.ts'

/** The location of the first line of a file that has all the words. */
export type LocateText = (file: string, words: readonly string[]) => Location

/**
 * Compares the `deps:` of each asset with what its dbt node reads. dbt need not know of all of them: a
 * model can read a table that it names in its SQL, and a hook can write one (SEMANTICS 29). `byRelation`
 * has the assets by `schema.table`. Problems: `deps-disagree`, if one is missing; once for each source or
 * model without an asset `unknown-source` or `undeclared-model`.
 */
export function depsProblems(
  assets: readonly Asset[],
  matches: Matches,
  catalog: Catalog,
  byRelation: ReadonlyMap<string, string>,
  locate: LocateText,
): readonly Problem[] {
  const nodes = new Map(catalog.nodes.map((node) => [node.id, node]))
  const sources = new Map(catalog.sources.map((source) => [source.id, source]))
  const isSelected = selectionOf(catalog)
  const undeclared = new Map<string, Asset[]>()
  const problems: Problem[] = []
  for (const asset of assets) {
    const node = matches.byAsset.get(asset.name)
    if (node === undefined) continue
    const read = new Map<string, string>()
    for (const parent of node.parents) {
      if (!nodes.has(parent) && !sources.has(parent)) continue
      const name = assetOfParent(parent, matches, sources, byRelation)
      if (name !== null) read.set(name, parent)
      // What `select:` or `exclude:` leave out, something else builds: `foundAssets` has an external for it.
      else if (sources.has(parent) || isSelected(parent))
        undeclared.set(parent, [...(undeclared.get(parent) ?? []), asset])
    }
    const missing = [...read.keys()].filter((name) => !asset.deps.includes(name))
    if (missing.length > 0) problems.push(disagreement(asset, node, read, missing, locate))
  }
  for (const [id, readers] of undeclared) {
    const source = sources.get(id)
    problems.push(
      source === undefined
        ? undeclaredModel(nodes.get(id)!, readers)
        : unknownSource(source, readers, locate),
    )
  }
  return problems
}

/** The asset of a dbt node or source, by unique_id; null if there is none. */
export function assetOfParent(
  parent: string,
  matches: Matches,
  sources: ReadonlyMap<string, CatalogSource>,
  byRelation: ReadonlyMap<string, string>,
): string | null {
  const source = sources.get(parent)
  if (source !== undefined) return byRelation.get(addressOf(source)) ?? null
  return matches.byNode.get(parent) ?? null
}

function disagreement(
  asset: Asset,
  node: CatalogNode,
  read: ReadonlyMap<string, string>,
  missing: readonly string[],
  locate: LocateText,
): Problem {
  const first = missing[0]!
  const words = lastWords(read.get(first)!)
  const extra = asset.deps.filter((name) => !read.has(name))
  return {
    code: 'deps-disagree',
    message: `${asset.name}: its deps lack ${missing.join(', ')}`,
    at: { file: asset.file, path: ['assets', asset.name, 'deps'] },
    related: [{ message: `dbt reads ${first} here`, at: locate(node.file, words) }],
    hint: `set deps: [${[...read.keys(), ...extra].join(', ')}]`,
    asset: asset.name,
  }
}

/** The words that `ref()` or `source()` has for a unique_id, without a version. */
function lastWords(id: string): readonly string[] {
  const [resource, , ...names] = id.split('.')
  return resource === 'source' ? names.slice(-2) : names.slice(0, 1)
}

function unknownSource(
  source: CatalogSource,
  readers: readonly Asset[],
  locate: LocateText,
): Problem {
  const table = relationParts(source.relation).name
  const { path } = source
  return {
    code: 'unknown-source',
    message: `dbt source ${source.name} (${path ?? source.relation}) is read by ${names(readers)} but is not an asset`,
    at: { file: readers[0]!.file, path: ['assets', readers[0]!.name, 'deps'] },
    related: [{ message: 'the source is declared here', at: locate(source.file, [table]) }],
    hint:
      path === null
        ? `declare an asset with kind: airbyte and stream: ${table}, or with kind: external and relation: ${source.relation}`
        : `declare an asset for the file, for example ${source.name.split('.').at(-1)}: {kind: external, path: ${path}}`,
  }
}

function undeclaredModel(node: CatalogNode, readers: readonly Asset[]): Problem {
  const [what, used] = node.id.startsWith('function.') ? ['function', 'called'] : ['model', 'read']
  return {
    code: 'undeclared-model',
    message: `dbt ${what} ${node.name} is ${used} by ${names(readers)} but is not an asset`,
    at: { file: readers[0]!.file, path: ['assets', readers[0]!.name, 'deps'] },
    related: [{ message: `the ${what} is here`, at: { file: node.file, line: 1, column: 1 } }],
    hint: `declare ${node.name} under assets: with kind: dbt`,
  }
}

function names(readers: readonly Asset[]): string {
  const [first] = readers
  return readers.length === 1 ? first!.name : `${first!.name} and ${readers.length - 1} more`
}
