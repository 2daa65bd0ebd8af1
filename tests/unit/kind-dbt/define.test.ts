import { describe, expect, test } from 'vitest'
import { defineProject } from '../../../framework/kinds/dbt/define.ts'
import type { Catalog, CatalogTest } from '../../../framework/kinds/dbt/manifest/catalog.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import type { DbtFacts } from '../../../framework/model/dbt-facts.ts'
import { plainAsset } from '../../rig/asset.ts'
import { catalogNode, NO_WORDS } from '../../rig/catalog-node.ts'

const asset = (name: string, deps: readonly string[] = [], model?: string) =>
  plainAsset(name, { deps, spec: model === undefined ? {} : { model }, file: 'assets/marts.yaml' })

const CATALOG: Catalog = {
  parts: [{ label: 'model', version: 'v' }],
  nodes: [
    catalogNode('stg', ['source.shop.shop.orders'], { form: 'view' }),
    catalogNode('fact', ['model.shop.stg']),
    catalogNode('plain', []),
    catalogNode('old', [], { id: 'model.shop.dim.v1', name: 'dim', version: '1', latest: false }),
    catalogNode('new', [], { id: 'model.shop.dim.v2', name: 'dim', version: '2' }),
    catalogNode('twin', [], { id: 'model.other.stg', name: 'stg', package: 'other' }),
  ].filter(({ id }) => id !== 'model.other.stg'),
  tests: [],
  ages: [],
  sources: [
    {
      id: 'source.shop.shop.orders',
      name: 'shop.orders',
      file: 'dbt/models/schema.yml',
      relation: 'raw.orders',
      path: null,
      about: NO_WORDS,
    },
  ],
  disabled: [{ name: 'asleep', file: 'dbt/models/asleep.sql' }],
  elsewhere: null,
  selected: null,
}
const RAW = new Map([['raw.orders', 'raw_orders']])
const locate = (file: string, words: readonly string[]) => ({
  file,
  line: words.length + 1,
  column: 1,
})
const meaning = (assets: readonly Asset[], catalog: Catalog = CATALOG, raw = RAW) =>
  defineProject(assets, assets, catalog, raw, locate, () => ({ byId: {}, readerParents: {} }))
const codes = (assets: readonly Asset[], catalog?: Catalog) =>
  meaning(assets, catalog).problems.map(({ code }) => code)

describe('the node of an asset', () => {
  test('is found by name, version, package or unique_id', () => {
    const { definitions, problems } = meaning([
      asset('fact', ['a'], 'shop.fact'),
      asset('a', ['raw_orders'], 'model.shop.stg'),
      asset('dim.v1'),
      asset('dim'),
    ])
    expect(problems).toEqual([])
    expect([...definitions].map(([name, { build }]) => [name, build])).toEqual([
      ['fact', { node: 'model.shop.fact', file: 'dbt/models/fact.sql' }],
      ['a', { node: 'model.shop.stg', file: 'dbt/models/stg.sql' }],
      ['dim.v1', { node: 'model.shop.dim.v1', file: 'dbt/models/old.sql' }],
      ['dim', { node: 'model.shop.dim.v2', file: 'dbt/models/new.sql' }],
    ])
  })

  test('an unknown name, with a suggestion', () => {
    const [problem] = meaning([asset('plian')]).problems
    expect(problem).toEqual({
      code: 'unknown-model',
      message: 'plian: dbt has no model, seed, snapshot or function called plian',
      at: { file: 'assets/marts.yaml', path: ['assets', 'plian'], key: true },
      hint: 'did you mean plain?',
      asset: 'plian',
    })
  })

  test('disabled, duplicate and ambiguous nodes', () => {
    expect(codes([asset('asleep')])).toEqual(['disabled-model'])
    expect(codes([asset('plain'), asset('b', [], 'plain')])).toEqual(['duplicate-model'])
    const twins = {
      ...CATALOG,
      nodes: [catalogNode('x', []), catalogNode('x', [], { id: 'model.other.x' })],
    }
    expect(codes([asset('x')], twins)).toEqual(['ambiguous-model'])
  })
})

describe('the dependencies in YAML', () => {
  const stg = asset('stg', ['raw_orders'])

  test('equal to those of dbt', () => {
    expect(codes([stg, asset('fact', ['stg'])])).toEqual([])
  })

  test('a missing one is a problem, and the hint keeps the others', () => {
    const { problems } = meaning([stg, asset('plain'), asset('fact', ['plain'])])
    expect(problems).toEqual([
      {
        code: 'deps-disagree',
        message: 'fact: its deps lack stg',
        at: { file: 'assets/marts.yaml', path: ['assets', 'fact', 'deps'] },
        related: [
          {
            message: 'dbt reads stg here',
            at: { file: 'dbt/models/fact.sql', line: 2, column: 1 },
          },
        ],
        hint: 'set deps: [stg, plain]',
        asset: 'fact',
      },
    ])
  })

  test('may have more than dbt knows of', () => {
    const more = asset('fact', ['stg', 'plain', 'raw_orders', 'somewhere_else'])
    expect(codes([stg, asset('plain'), more])).toEqual([])
  })

  test('a source without an asset is reported once', () => {
    const nothing = new Map<string, string>()
    const again = {
      ...CATALOG,
      nodes: [...CATALOG.nodes, catalogNode('more', ['source.shop.shop.orders'])],
    }
    const { problems } = meaning([asset('stg', ['raw_orders']), asset('more')], again, nothing)
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      [
        'unknown-source',
        'dbt source shop.orders (raw.orders) is read by stg and 1 more but is not an asset',
      ],
    ])
  })

  test('a model without an asset', () => {
    const { problems } = meaning([asset('fact', ['somebody'])])
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['undeclared-model', 'dbt model stg is read by fact but is not an asset'],
    ])
  })

  test('a model may be the source of another', () => {
    const filled = meaning(
      [asset('plain'), asset('stg', ['plain'])],
      { ...CATALOG, sources: [{ ...CATALOG.sources[0]!, relation: 'main.plain' }] },
      new Map(),
    )
    expect(filled.problems).toEqual([])
  })
})

describe('files', () => {
  const source = (path: string) => [{ ...CATALOG.sources[0]!, path }]
  const ORDERS = 'dbt/data/orders.csv'
  const given = new Map([
    [`file ${ORDERS}`, 'given'],
    ['raw.orders', 'raw_orders'],
    ['file data/*.csv', 'all'],
    ['file out/parts', 'parts'],
  ])

  test('a source in a file is the asset of that file, never that of its relation', () => {
    const inFile = { ...CATALOG, sources: source(ORDERS) }
    expect(meaning([asset('stg', ['given'])], inFile, given).problems).toEqual([])
    const { problems } = meaning(
      [asset('stg', ['raw_orders'])],
      { ...CATALOG, sources: source('x.csv') },
      given,
    )
    expect(problems).toMatchObject([
      {
        code: 'unknown-source',
        message: 'dbt source shop.orders (x.csv) is read by stg but is not an asset',
        hint: 'declare an asset for the file, for example orders: {kind: external, path: x.csv}',
      },
    ])
  })

  test('a source in the file of an external materialization is that model', () => {
    const nodes = [
      catalogNode('plain', [], { writes: ORDERS }),
      catalogNode('stg', ['source.shop.shop.orders']),
    ]
    const catalog = { ...CATALOG, nodes, sources: source(ORDERS) }
    const { definitions, problems } = meaning(
      [asset('plain'), asset('stg', ['plain'])],
      catalog,
      new Map(),
    )
    expect(problems).toEqual([])
    expect(definitions.get('plain')?.outputs).toEqual([ORDERS])
  })

  const undeclared = (reads: readonly string[], deps: readonly string[], writes?: string) => {
    const nodes = [catalogNode('plain', [], { reads, ...(writes ? { writes } : {}) })]
    const { problems } = meaning([asset('plain', deps)], { ...CATALOG, nodes }, given)
    return problems.find(({ code }) => code === 'undeclared-file')
  }

  test.each([
    ['the file itself', ORDERS, 'given'],
    ['a pattern that matches it', 'data/a.csv', 'all'],
    ['the same pattern', 'data/*.csv', 'all'],
    ['the folder that holds it', 'out/parts/k=1/*.parquet', 'parts'],
    ['any file, if the path is computed', '', 'all'],
  ])('that SQL names need a dep: %s', (_what, path, dep) => {
    expect(undeclared([path], [dep])).toBe(undefined)
    expect(undeclared([path], ['raw_orders'])).toMatchObject({ code: 'undeclared-file' })
  })

  test('an undeclared one is a problem with the line and what to write', () => {
    expect(undeclared(['data/sub/my prices.csv'], ['all'])).toEqual({
      code: 'undeclared-file',
      message: 'plain reads data/sub/my prices.csv, which is not among its deps',
      at: { file: 'assets/marts.yaml', path: ['assets', 'plain', 'deps'] },
      related: [
        { message: 'it is read here', at: { file: 'dbt/models/plain.sql', line: 2, column: 1 } },
      ],
      hint: 'declare it, for example my: {kind: external, path: data/sub/my prices.csv}, and add it to deps',
      asset: 'plain',
    })
    expect(undeclared([ORDERS], [])?.hint).toBe('add given to deps')
    expect(undeclared([''], [])?.message).toBe(
      'plain reads a file whose path is computed, and none of its deps is a file',
    )
  })

  test('a model may read its own file', () => {
    expect(undeclared(['out/own.parquet'], [], 'out/own.parquet')).toBe(undefined)
  })
})

describe('a function', () => {
  const twice = catalogNode('twice', [], {
    id: 'function.shop.twice',
    form: 'view',
    relation: 'main.twice()',
    file: 'dbt/functions/twice.sql',
  })
  const catalog = { ...CATALOG, nodes: [twice, catalogNode('plain', ['function.shop.twice'])] }

  test('is a virtual asset whose version is its key', () => {
    const { definitions, problems } = meaning([asset('twice'), asset('plain', ['twice'])], catalog)
    expect(problems).toEqual([])
    expect(definitions.get('twice')).toMatchObject({
      form: 'view',
      dataVersion: 'derived',
      relation: 'main.twice()',
    })
  })

  test('that is no asset is a problem of its callers', () => {
    expect(meaning([asset('plain')], catalog).problems).toMatchObject([
      {
        code: 'undeclared-model',
        message: 'dbt function twice is called by plain but is not an asset',
        hint: 'declare twice under assets: with kind: dbt',
      },
    ])
  })
})

describe('checks', () => {
  const check = (name: string, parents: readonly string[]) => ({
    id: `test.shop.${name}.${parents.length}`,
    name,
    file: 'dbt/models/schema.yml',
    severity: 'warn' as const,
    parents,
    parts: [0],
    codeVersion: 'v',
    clock: false,
    codeOnly: false,
  })

  test('have unique names and read assets; none reads a model without an asset', () => {
    const catalog = {
      ...CATALOG,
      tests: [
        check('plain', ['model.shop.plain']),
        check('fits', ['model.shop.stg', 'source.shop.shop.orders']),
        check('fits', ['model.shop.plain']),
        check('beyond', ['model.shop.plain', 'model.shop.fact']),
        check('nothing', []),
      ],
    }
    const { checks } = meaning([asset('plain'), asset('stg', ['raw_orders'])], catalog)
    expect(checks.map(({ name, reads }) => [name, reads])).toEqual([
      [expect.stringMatching(/^plain\.[0-9a-f]{8}$/), ['plain']],
      ['fits', ['stg', 'raw_orders']],
      [expect.stringMatching(/^fits\.[0-9a-f]{8}$/), ['plain']],
    ])
  })
})

describe('the freshness of a source', () => {
  const age: CatalogTest = {
    ...{ id: 'source.shop.shop.orders', name: 'source_freshness_shop_orders' },
    ...{
      file: 'dbt/models/schema.yml',
      severity: 'error' as const,
      parents: ['source.shop.shop.orders'],
    },
    ...{ parts: [0], codeVersion: 'c', clock: true, codeOnly: false },
  }
  const catalog: Catalog = { ...CATALOG, ages: [age] }
  const facts = { resourceType: 'source' } as unknown as DbtFacts
  const defined = (of: Catalog, raw = RAW) =>
    defineProject([asset('fact')], [asset('fact')], of, raw, locate, () => ({
      byId: { 'source.shop.shop.orders': facts },
      readerParents: { 'exposure.shop.board': ['source.shop.shop.orders'] },
    }))

  test('is a check of the asset that delivers it, which runs in every run', () => {
    expect(defined(catalog).checks).toMatchObject([
      {
        name: 'source_freshness_shop_orders',
        reads: ['raw_orders'],
        severity: 'error',
        clock: true,
        build: { node: 'source.shop.shop.orders' },
      },
    ])
  })

  test('is none if no asset delivers it, or if `exclude:` leaves the source out', () => {
    expect(defined(catalog, new Map()).checks).toEqual([])
    expect(defined({ ...catalog, selected: ['model.shop.fact'] }).checks).toEqual([])
  })

  test('is no node of dbt: what reads the source reads the asset', () => {
    const { nodes, readers } = defined(catalog).dbt()
    expect([...nodes]).toEqual([['raw_orders', [facts]]])
    expect(readers.get('exposure.shop.board')?.assets).toEqual(['raw_orders'])
  })
})
