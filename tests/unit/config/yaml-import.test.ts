import { describe, expect, test } from 'vitest'
import { loadImport } from '../../../framework/config/index.ts'

const { completeAssets, declareModels, importedAsset, syncAssets } = await loadImport()

const HEAD = 'version: 1\nproject: shop\n'
const lines = (...all: readonly string[]) => all.map((line) => `${line}\n`).join('')
const model = (name: string, deps: readonly string[] = [], keys = {}) => ({
  ...{ name, kind: 'dbt', deps, keys },
})
const none = () => false

describe('assets.yaml declares its models', () => {
  test.each([
    [
      'in a flow mapping, with the include behind the name',
      `${HEAD}dbt: {project_dir: dbt}\n`,
      `${HEAD}include: [assets/dbt.yaml]\ndbt: {project_dir: dbt, models: declared}\n`,
    ],
    [
      'in a block mapping, whose comments stay',
      `${HEAD}# ours\ndbt:\n  # the folder\n  project_dir: dbt # here\n  vars: {a: 1}\ninclude:\n  - a.yaml  # first\n`,
      `${HEAD}# ours\ndbt:\n  # the folder\n  project_dir: dbt # here\n  models: declared\n  vars: {a: 1}\ninclude:\n  - a.yaml  # first\n  - assets/dbt.yaml\n`,
    ],
    [
      'in place of all, and nothing else where a pattern covers the file',
      `${HEAD}include: ["./assets/*.yaml"]\ndbt: {project_dir: dbt, models: "all"} # x\n`,
      `${HEAD}include: ["./assets/*.yaml"]\ndbt: {project_dir: dbt, models: declared} # x\n`,
    ],
    [
      'with ** in a pattern',
      `${HEAD}include: ['**/*.yaml']\ndbt: {project_dir: dbt, models: all}\n`,
      `${HEAD}include: ['**/*.yaml']\ndbt: {project_dir: dbt, models: declared}\n`,
    ],
    [
      'with a list that is empty, or covers other files',
      `${HEAD}include: []\ndbt: {project_dir: dbt, models: declared}\n`,
      `${HEAD}include: [assets/dbt.yaml]\ndbt: {project_dir: dbt, models: declared}\n`,
    ],
    [
      'with an include without a value',
      `${HEAD}include:\ndbt: {project_dir: dbt, models: declared}\n`,
      `${HEAD}include: [assets/dbt.yaml]\ndbt: {project_dir: dbt, models: declared}\n`,
    ],
    [
      'with Windows line ends and no last one',
      'version: 1\r\nproject: shop\r\ninclude:\r\n- a.yaml\r\ndbt:\r\n  project_dir: dbt',
      'version: 1\r\nproject: shop\r\ninclude:\r\n- a.yaml\r\n- assets/dbt.yaml\r\ndbt:\r\n  project_dir: dbt\r\n  models: declared',
    ],
    [
      'behind an alias, which is written out',
      `${HEAD}x: &dbt {project_dir: dbt}\ninclude: &all [a.yaml]\ndbt: *dbt\nmore: *all\n`,
      `${HEAD}x: &dbt {project_dir: dbt}\ninclude: &all [a.yaml, assets/dbt.yaml]\ndbt: {project_dir: dbt, models: declared}\nmore: *all\n`,
    ],
    [
      'beside a merge key, which stays',
      `${HEAD}x: &dbt {project_dir: dbt, models: all}\ndbt:\n  <<: *dbt\n  target: dev\n`,
      `${HEAD}include: [assets/dbt.yaml]\nx: &dbt {project_dir: dbt, models: all}\ndbt:\n  <<: *dbt\n  models: declared\n  target: dev\n`,
    ],
    [
      'in JSON',
      '{"version": 1, "project": "shop", "dbt": {"project_dir": "dbt"}}\n',
      '{"version": 1, "project": "shop", "dbt": {"project_dir": "dbt", models: declared}, include: [assets/dbt.yaml]}\n',
    ],
    [
      'where the first value has several lines',
      `${HEAD}dbt:\n  vars:\n    a: 1\n  project_dir: dbt\n`,
      `${HEAD}include: [assets/dbt.yaml]\ndbt:\n  vars:\n    a: 1\n  project_dir: dbt\n  models: declared\n`,
    ],
  ])('%s', (_, before, after) => {
    expect(declareModels(before, 'assets/dbt.yaml')).toBe(after)
    // Done again, it changes nothing.
    expect(declareModels(after, 'assets/dbt.yaml')).toBe(after)
  })

  test('without a file for the others, if all are declared', () => {
    expect(declareModels(`${HEAD}dbt: {project_dir: dbt}\n`, null)).toBe(
      `${HEAD}dbt: {project_dir: dbt, models: declared}\n`,
    )
  })
})

test('assets that YAML declares in part say what dbt said of them', () => {
  const before = lines(
    'assets:',
    '  # daily',
    '  a: {retries: 1}',
    '  b:',
    '  c:',
    '    deps: [x]   # by hand',
    '    tags: [mine]',
    '  d: {kind: dbt, deps: [a], tags: {t: v}}',
    '  e: {}',
  )
  const wanted = [
    model('a', ['b'], { tags: ['t'], group: 'g' }),
    model('b'),
    model('c', ['a', 'x'], { tags: ['t', 'mine'], retries: 3 }),
    model('d', ['a'], { tags: ['t', 'u'] }),
    model('e', ['a']),
  ]
  const after = completeAssets(before, wanted)
  expect(after).toBe(
    lines(
      'assets:',
      '  # daily',
      '  a: {retries: 1, kind: dbt, deps: [b], tags: [t], group: g}',
      '  b: {kind: dbt}',
      '  c:',
      '    deps: [x, a]   # by hand',
      '    kind: dbt',
      '    retries: 3',
      '    tags: [mine, t]',
      '  d: {kind: dbt, deps: [a], tags: {t: v, u: ""}}',
      '  e: {kind: dbt, deps: [a]}',
    ),
  )
  expect(completeAssets(after, wanted)).toBe(after)
  const usual = 'defaults: {kind: dbt}\nassets: {a: {retries: 1}}\n'
  expect(completeAssets(usual, [model('a')])).toBe(usual)
})

describe('a file of imported assets', () => {
  const WANTED = [
    model('shop.orders', ['stg_orders', 'raw'], { model: 'model.shop.orders' }),
    model('stg_orders', [], { tags: ['staging'] }),
    { name: 'raw', kind: 'external', deps: [], keys: { relation: 'main.raw' } },
  ]

  test('is sorted, short, and the same in the next run', () => {
    const { text, added } = syncAssets(null, WANTED, none)
    expect(added).toEqual(['raw', 'shop.orders', 'stg_orders'])
    expect(text).toBe(
      lines(
        '# Kept in step with dbt by: assets import dbt',
        '# Of each asset, `deps` and what dbt says of it are replaced. Other keys, and comments, stay.',
        '',
        'defaults: {kind: dbt}',
        'assets:',
        '  raw:',
        '    kind: external',
        '    relation: main.raw',
        '  shop.orders:',
        '    model: model.shop.orders',
        '    deps: [stg_orders, raw]',
        '  stg_orders:',
        '    tags: [staging]',
      ),
    )
    expect(syncAssets(text, WANTED.toReversed(), none)).toEqual({
      text,
      added: [],
      removed: [],
      changed: [],
    })
  })

  test('keeps keys and comments of people, also where entries come and go', () => {
    const before = lines(
      '# mine: assets import dbt',
      'defaults: {kind: dbt, retries: 2}',
      'assets:',
      '  # slow',
      '  b: # very',
      '    deps:',
      '      - gone',
      '      # the hook writes it',
      '      - report',
      '      - a',
      '    pool: slow   # why',
      '  old: {}',
    )
    const wanted = [model('a'), model('b', ['a', 'c'], { group: 'g' }), model('c')]
    const synced = syncAssets(before, wanted, (dep) => dep === 'report')
    expect(synced.text).toBe(
      lines(
        '# mine: assets import dbt',
        'defaults: {kind: dbt, retries: 2}',
        'assets:',
        '  a: {}',
        '  # slow',
        '  b:',
        '    # very',
        '    deps:',
        '      # the hook writes it',
        '      - report',
        '      - a',
        '      - c',
        '    pool: slow # why',
        '    group: g',
        '  c: {}',
      ),
    )
    expect(synced).toMatchObject({
      added: ['a', 'c'],
      removed: ['old'],
      changed: [{ asset: 'b', keys: ['deps', 'group'] }],
    })
    expect(syncAssets(synced.text, wanted, (dep) => dep === 'report').text).toBe(synced.text)
  })

  test('keeps its text if only the style or the order of deps differs', () => {
    const before = 'assets: {a:   {kind: "dbt", deps: [c,   b]}, b: {kind: dbt}, c: {kind: dbt}}'
    const wanted = [model('a', ['b', 'c']), model('b'), model('c')]
    expect(syncAssets(before, wanted, none).text).toBe(before)
  })

  test('keeps Windows line ends', () => {
    const before = '# x\r\ndefaults: {kind: dbt}\r\nassets:\r\n  a: {} # y\r\n'
    const { text } = syncAssets(before, [model('a', ['b']), model('b')], none)
    expect(text).toBe(
      '# x\r\ndefaults: {kind: dbt}\r\nassets:\r\n  a:\r\n    # y\r\n    deps: [b]\r\n  b: {}\r\n',
    )
  })

  test('copies an entry behind an alias, and leaves merged keys alone', () => {
    const before = lines(
      'defaults: {kind: dbt}',
      'assets:',
      '  a: &a',
      '    retries: 1',
      '  b: *a',
      '  c:',
      '    <<: *a',
    )
    const wanted = [model('a'), model('b', ['a']), model('c', ['a'])]
    const { text, changed } = syncAssets(before, wanted, none)
    expect(changed.map(({ asset }) => asset)).toEqual(['b', 'c'])
    expect(text).toBe(
      lines(
        'defaults: {kind: dbt}',
        'assets:',
        '  a: &a',
        '    retries: 1',
        '  b:',
        '    retries: 1',
        '    deps: [a]',
        '  c:',
        '    <<: *a',
        '    deps: [a]',
      ),
    )
  })

  test('a node that becomes another kind of asset changes its keys', () => {
    const before = lines('defaults: {kind: dbt}', 'assets:', '  a: {deps: [b], pool: x}', '  b: {}')
    const wanted = [
      { name: 'a', kind: 'external', deps: [], keys: { path: 'data/a.csv' } },
      model('b', [], { model: 'b.v2' }),
    ]
    const { text } = syncAssets(before, wanted, none)
    expect(text).toContain('  a:\n    kind: external\n')
    expect(text).toContain('path: data/a.csv')
    expect(text).not.toContain('deps')
    expect(syncAssets(text, [model('a', ['b']), model('b')], none).text).not.toMatch(
      /kind: ext|path|model:/,
    )
  })

  test('a long list has one line for each item', () => {
    const deps = Array.from({ length: 12 }, (_, k) => `stg_orders_${k}`)
    expect(syncAssets(null, [model('a', deps)], none).text).toContain(
      '    deps:\n      - stg_orders_0\n      - stg_orders_1\n',
    )
  })
})

test('a found asset is declared by what dbt says of it, without its description', () => {
  const about = { description: 'text', tags: { nightly: '' }, group: 'g', owners: ['ann'] }
  const at = { file: 'm.sql', spec: { model: 'model.shop.a' } }
  const found = { name: 'a', kind: 'dbt', deps: ['b'], ...about, ...at }
  expect(importedAsset({ ...found, settings: { retries: 3 }, declares: {} })).toEqual(
    model('a', ['b'], { group: 'g', owners: ['ann'], tags: ['nightly'], retries: 3 }),
  )
})
