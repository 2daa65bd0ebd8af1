import { expect, test } from 'vitest'
import type {
  Catalog,
  CatalogNode,
  CatalogSource,
} from '../../../framework/kinds/dbt/manifest/catalog.ts'
import { foundAssets } from '../../../framework/kinds/dbt/manifest/found-assets.ts'
import { assetOf } from '../../contract/suites/site.ts'
import { catalogNode, NO_WORDS } from '../../rig/catalog-node.ts'

const source = (name: string, more: Partial<CatalogSource> = {}): CatalogSource => ({
  id: `source.shop.${name}`,
  name,
  file: 'dbt/models/sources.yml',
  relation: name,
  path: null,
  about: NO_WORDS,
  ...more,
})
const catalogOf = (nodes: readonly CatalogNode[], more: Partial<Catalog> = {}): Catalog => ({
  ...{ parts: [], nodes, tests: [], ages: [], sources: [], disabled: [] },
  ...{ elsewhere: null, selected: null },
  ...more,
})

/** `name ← deps` of each found asset, with the kind of those that dbt does not build. */
function found(
  catalog: Catalog,
  declared: Parameters<typeof foundAssets>[0] = [],
  byAddress: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  return foundAssets(declared, catalog, byAddress).assets.map(
    ({ name, kind, deps, spec }) =>
      `${name}${kind === 'dbt' ? '' : ` (${kind} ${spec.path ?? spec.relation})`} ← ${deps.join(' ')}`,
  )
}

test('every node is an asset that depends on what it reads', () => {
  const nodes = [
    catalogNode('stg', ['source.shop.raw.orders']),
    catalogNode('fact', ['model.shop.stg', 'model.shop.fact']),
  ]
  expect(found(catalogOf(nodes, { sources: [source('raw.orders')] }))).toEqual([
    'stg ← raw.orders',
    'fact ← stg',
    'raw.orders (external raw.orders) ← ',
  ])
})

test('shows what dbt says of it', () => {
  const about = {
    description: 'One row per order.',
    tags: ['nightly'],
    group: 'finance',
    owners: ['me@example.com'],
    settings: { pool: 'api' },
  }
  expect(
    foundAssets([], catalogOf([catalogNode('fact', [], { about })]), new Map()).assets,
  ).toEqual([
    {
      name: 'fact',
      kind: 'dbt',
      deps: [],
      group: 'finance',
      owners: ['me@example.com'],
      tags: { nightly: '' },
      description: 'One row per order.',
      spec: { model: 'model.shop.fact' },
      declares: {},
      file: 'dbt/models/fact.sql',
      settings: { pool: 'api' },
    },
  ])
})

test('a name that several packages use gets the package before it', () => {
  const of = (owner: string) => catalogNode('stg', [], { id: `model.${owner}.stg`, package: owner })
  const read = catalogNode('fact', ['model.other.stg'])
  expect(found(catalogOf([of('shop'), of('other'), read]))).toEqual([
    'shop.stg ← ',
    'other.stg ← ',
    'fact ← other.stg',
  ])
})

test('a name of another kind of asset gets the package before it', () => {
  const raw = assetOf('airbyte', 'orders', { stream: 'orders' })
  expect(found(catalogOf([catalogNode('orders', [])]), [raw])).toEqual(['shop.orders ← '])
})

test('versions of a model are named like in dbt, and characters that a name can not have are _', () => {
  const of = (version: string) =>
    catalogNode('dim', [], { id: `model.shop.dim.v${version}`, version })
  expect(found(catalogOf([of('1'), of('2'), catalogNode('2-fast day', [])]))).toEqual([
    'dim.v1 ← ',
    'dim.v2 ← ',
    '_2_fast_day ← ',
  ])
})

test('a declared asset is the node that it names', () => {
  const declared = [assetOf('dbt', 'sales', { model: 'fact' })]
  const nodes = [catalogNode('fact', ['model.shop.stg']), catalogNode('stg', [])]
  expect(found(catalogOf([...nodes, catalogNode('top', ['model.shop.fact'])]), declared)).toEqual([
    'sales ← stg',
    'stg ← ',
    'top ← sales',
  ])
})

test('a source is what delivers its table or file: a stream, a seed, an external materialization', () => {
  const nodes = [
    catalogNode('seed', [], { id: 'seed.shop.seed', relation: 'raw.countries' }),
    catalogNode('dump', [], { relation: 'main.dump', writes: 'data/dump.parquet' }),
    catalogNode(
      'fact',
      ['orders', 'raw.countries', 'files.dump', 'files.new'].map((id) => `source.shop.${id}`),
    ),
  ]
  const sources = [
    source('orders', { relation: 'raw.orders' }),
    source('raw.countries'),
    source('files.dump', { path: 'data/dump.parquet' }),
    source('files.new', { path: 's3://bucket/*.parquet' }),
  ]
  const byAddress = new Map([['raw.orders', 'raw_orders']])
  expect(found(catalogOf(nodes, { sources }), [], byAddress)).toEqual([
    'seed ← ',
    'dump ← ',
    'fact ← raw_orders seed dump files.new',
    'files.new (external s3://bucket/*.parquet) ← ',
  ])
})

test('a file that the code names is an external', () => {
  const nodes = [
    catalogNode('a', [], { reads: ['data/prices.csv', ''] }),
    catalogNode('b', [], { reads: ['data/prices.csv'] }),
  ]
  expect(found(catalogOf(nodes))).toEqual([
    'a ← prices.csv',
    'b ← prices.csv',
    'prices.csv (external data/prices.csv) ← ',
  ])
})

test('what is not selected and is read is built by something else; an ephemeral is part of its readers', () => {
  const nodes = [
    catalogNode('old', []),
    catalogNode('inline', ['model.shop.old'], { form: 'ephemeral', relation: null }),
    catalogNode('fact', ['model.shop.inline']),
    catalogNode('unread', []),
  ]
  expect(found(catalogOf(nodes, { selected: ['model.shop.fact'] }))).toEqual([
    'fact ← old',
    'old (external main.old) ← ',
  ])
})

test('a declared asset is one although it is not selected', () => {
  const nodes = [catalogNode('old', []), catalogNode('fact', ['model.shop.old'])]
  const catalog = catalogOf(nodes, { selected: ['model.shop.fact'] })
  expect(found(catalog, [assetOf('dbt', 'old', {})])).toEqual(['old ← ', 'fact ← old'])
})
