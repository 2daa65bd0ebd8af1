import { hash } from '../../lib/hash.ts'
import type { Asset } from '../../model/asset.ts'
import type { DbtGraph } from '../../model/dbt-facts.ts'
import type { Check, CodePart, Definition } from '../../model/definition.ts'
import { isFunctionRelation } from '../../model/function-relation.ts'
import type { Problem } from '../../model/problem.ts'
import {
  type Catalog,
  type CatalogNode,
  type CatalogTest,
  selectionOf,
} from './manifest/catalog.ts'
import { assetOfParent, depsProblems, type LocateText } from './manifest/deps-agreement.ts'
import { type Matches, matchNodes } from './manifest/match-assets.ts'
import { addressesOf, namedIds } from './manifest/named-nodes.ts'
import { dbtGraphOf, type SelectionFacts } from './manifest/selection-facts.ts'
import { undeclaredFiles } from './manifest/undeclared-files.ts'

/** The definitions of a dbt project's assets and the checks on them. */
export interface ProjectDefinitions {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly checks: readonly Check[]
  readonly problems: readonly Problem[]
  readonly dbt: () => DbtGraph
}

/**
 * Defines the assets of kind dbt and the checks on them. `all` are the project's assets, whose names are
 * taken; `byRelation` has the assets of other kinds by address: `schema.table`, or a file. A test that reads a model without
 * an asset becomes no check. `selectionFacts` is called only if a selection needs it. Problems: those of
 * `matchNodes` and `depsProblems`. Pure.
 */
export function defineProject(
  assets: readonly Asset[],
  all: readonly Asset[],
  catalog: Catalog,
  byRelation: ReadonlyMap<string, string>,
  locate: LocateText,
  selectionFacts: () => SelectionFacts,
): ProjectDefinitions {
  const matches = matchNodes(assets, catalog)
  const relations = addressesOf(matches.byAsset, byRelation)
  const definitions = new Map<string, Definition>()
  for (const asset of assets) {
    const node = matches.byAsset.get(asset.name)
    if (node !== undefined) definitions.set(asset.name, definitionOf(asset, node, catalog.parts))
  }
  const taken = new Set(all.map((asset) => asset.name))
  const checks = checksOf(catalog, matches, relations, taken)
  return {
    definitions,
    checks,
    dbt: () =>
      dbtGraphOf(selectionFacts(), [
        ...namedIds(matches.byAsset, catalog, relations),
        ...testsOf(checks, catalog),
      ]),
    problems: [
      ...matches.problems,
      ...depsProblems(assets, matches, catalog, relations, locate),
      ...undeclaredFiles(assets, matches, relations, locate),
    ],
  }
}

/**
 * The names of tests with their unique_ids. The freshness of a source is no test: its unique_id is that of the source,
 * which stands for the asset.
 */
function testsOf(
  checks: readonly Check[],
  { ages }: Catalog,
): readonly (readonly [name: string, id: string])[] {
  const sources = new Set(ages.map(({ id }) => id))
  const named = checks.map(({ name, build }) => [name, (build as { node: string }).node] as const)
  return named.filter(([, id]) => !sources.has(id))
}

function definitionOf(asset: Asset, node: CatalogNode, parts: readonly CodePart[]): Definition {
  const { dataVersion } = asset.policy
  // A function holds no rows to hash, so its code and its inputs are its version (SEMANTICS 31).
  const isKeyed = node.form === 'ephemeral' || isFunctionRelation(node.relation)
  return {
    asset: asset.name,
    kind: 'dbt',
    form: node.form,
    codeVersion: node.codeVersion,
    parts: node.parts.map((index) => parts[index]!),
    accumulates: node.accumulates,
    relation: node.relation,
    outputs: node.writes === null ? [] : [node.writes],
    unit: null,
    dataVersion: dataVersion !== 'default' ? dataVersion : isKeyed ? 'derived' : 'content',
    onDrift: node.accumulates === 'snapshot' ? 'adopt' : 'rebuild',
    ...(node.data ? { isRenderedFromData: true } : {}),
    ...(node.words === undefined ? {} : { words: node.words }),
    clock: node.clock,
    build: { node: node.id, file: node.file },
  }
}

function checksOf(
  catalog: Catalog,
  matches: Matches,
  byRelation: ReadonlyMap<string, string>,
  taken: Set<string>,
): readonly Check[] {
  const sources = new Map(catalog.sources.map((source) => [source.id, source]))
  const isSelected = selectionOf(catalog)
  const checks: Check[] = []
  for (const test of [...catalog.tests, ...catalog.ages]) {
    if (!isSelected(test.id)) continue
    const reads = test.parents.map((parent) => assetOfParent(parent, matches, sources, byRelation))
    if (reads.length === 0 || reads.includes(null)) continue
    const name = taken.has(test.name) ? `${test.name}.${hash(test.id).slice(0, 8)}` : test.name
    taken.add(name)
    checks.push(checkOf(test, name, [...new Set(reads.filter((read) => read !== null))], catalog))
  }
  return checks
}

function checkOf(
  test: CatalogTest,
  name: string,
  reads: readonly string[],
  { parts }: Catalog,
): Check {
  return {
    name,
    kind: 'dbt',
    reads,
    severity: test.severity,
    codeVersion: test.codeVersion,
    parts: test.parts.map((index) => parts[index]!),
    clock: test.clock,
    codeOnly: test.codeOnly,
    file: test.file,
    build: { node: test.id, file: test.file },
  }
}
