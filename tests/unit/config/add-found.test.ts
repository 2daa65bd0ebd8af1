import { expect, test } from 'vitest'
import { addFound } from '../../../framework/config/index.ts'
import { type Asset, NO_POLICY } from '../../../framework/model/asset.ts'
import type { FoundAsset } from '../../../framework/model/found-asset.ts'
import type { Project } from '../../../framework/model/project.ts'
import { AssetTable } from '../../../framework/model/tables/asset-table.ts'
import { assetOf } from '../../contract/suites/site.ts'

const found = (name: string, more: Partial<FoundAsset> = {}): FoundAsset => ({
  ...{ name, kind: 'dbt', deps: [], group: null, owners: [], tags: {}, description: '' },
  ...{
    spec: { model: `model.shop.${name}` },
    file: `models/${name}.sql`,
    settings: null,
    declares: {},
  },
  ...more,
})
const projectOf = (assets: readonly Asset[]): Project =>
  ({ name: 'shop', assets: AssetTable.of(assets) }) as unknown as Project

test('found assets follow the declared ones, and either may depend on the other', async () => {
  const declared = [
    assetOf('extract', 'top', {}, { deps: ['fact'] }),
    assetOf('airbyte', 'raw', {}),
  ]
  const { project, problems } = await addFound(
    projectOf(declared),
    [found('stg', { deps: ['raw'] }), found('fact', { deps: ['stg'] })],
    'k',
  )
  const { assets } = project
  expect(problems).toEqual([])
  expect(assets.all.map(({ name, deps }) => [name, ...deps])).toEqual([
    ['top', 'fact'],
    ['raw'],
    ['stg', 'raw'],
    ['fact', 'stg'],
  ])
  expect(Array.from(assets.arrays.order!, (i) => assets.arrays.names.at(i))).toEqual([
    'raw',
    'stg',
    'fact',
    'top',
  ])
  expect(assets.get('fact')!.policy).toEqual(NO_POLICY)
  expect(assets.at(0).name).toBe('top')
})

test('a declared asset of the kind takes what its YAML leaves out', async () => {
  const mine: Asset = {
    ...assetOf('dbt', 'fact', {}, { deps: ['other'] }),
    owners: ['me'],
    tags: { a: 'mine' },
    policy: { ...NO_POLICY, pool: 'api' },
  }
  const theirs = found('fact', {
    deps: ['stg', 'other'],
    group: 'finance',
    owners: ['they'],
    tags: { a: '', b: '' },
    description: 'Theirs.',
  })
  const { project } = await addFound(projectOf([mine]), [theirs, found('stg'), found('other')], 'k')
  expect(project.assets.get('fact')).toEqual({
    ...mine,
    deps: ['other', 'stg'],
    group: 'finance',
    tags: { a: 'mine', b: '' },
    description: 'Theirs.',
    spec: { model: 'model.shop.fact' },
  })
})

test('a dependency that is neither declared nor found is a problem at its place', async () => {
  const top = assetOf('extract', 'top', {}, { deps: ['stg', 'fcat'] })
  const { problems } = await addFound(projectOf([top]), [found('fact'), found('stg')], 'k')
  expect(problems).toMatchObject([
    {
      code: 'unknown-dependency',
      at: { path: ['assets', 'top', 'deps', 1] },
      hint: 'did you mean "fact"?',
    },
  ])
})

test('caches of definitions see other found assets', async () => {
  const table = async (key: string) => {
    const { project } = await addFound(projectOf([assetOf('command', 'a', {})]), [], key)
    return project.assets
  }
  const [one, two] = [await table('1'), await table('2')]
  expect(one.arrays.files[0]!.hash).not.toBe(two.arrays.files[0]!.hash)
})

test('settings of a found asset are its policy, and YAML of the asset itself is stronger', async () => {
  const mine: Asset = {
    ...assetOf('dbt', 'fact', {}),
    policy: { ...NO_POLICY, pool: 'mine', retries: 1 },
    policyFrom: { pool: 'asset', retries: 'defaults' },
  }
  const settings = { pool: 'theirs', retries: 3, freshness: { max_age: '1d' } }
  const { project, problems } = await addFound(
    projectOf([mine]),
    [found('fact', { settings }), found('other', { settings: { timeout: '1h' } })],
    'k',
  )
  expect(problems).toEqual([])
  expect(project.assets.get('fact')).toMatchObject({
    policy: { ...NO_POLICY, pool: 'mine', retries: 3, freshness: { maxAge: 86_400_000 } },
    policyFrom: { pool: 'asset', retries: 'found', freshness: 'found' },
  })
  expect(project.assets.get('other')!.policy).toEqual({ ...NO_POLICY, timeout: 3_600_000 })
})

test('settings that are none of a policy are a problem at the file', async () => {
  const wrong = found('fact', { settings: { pol: 'api', retries: -1 } })
  const { problems } = await addFound(projectOf([]), [wrong], 'k')
  expect(problems.map(({ code, at, asset }) => [code, at, asset])).toEqual([
    ['invalid-value', { file: 'models/fact.sql', path: [] }, 'fact'],
    ['unknown-key', { file: 'models/fact.sql', path: [] }, 'fact'],
  ])
})
