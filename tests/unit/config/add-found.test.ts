import { expect, test } from 'vitest'
import { addFound } from '../../../framework/config/index.ts'
import { type Asset, NO_POLICY } from '../../../framework/model/asset.ts'
import type { FoundAsset } from '../../../framework/model/found-asset.ts'
import type { Project } from '../../../framework/model/project.ts'
import { AssetTable } from '../../../framework/model/tables/asset-table.ts'
import { assetOf } from '../../contract/suites/site.ts'

const found = (name: string, more: Partial<FoundAsset> = {}): FoundAsset => ({
  ...{ name, kind: 'dbt', deps: [], group: null, owners: [], tags: {}, description: '' },
  ...{ spec: { model: `model.shop.${name}` }, file: `models/${name}.sql`, settings: null },
  ...more,
})
const projectOf = (assets: readonly Asset[]): Project =>
  ({ name: 'shop', assets: AssetTable.of(assets) }) as unknown as Project

test('found assets follow the declared ones, and either may depend on the other', () => {
  const declared = [
    assetOf('extract', 'top', {}, { deps: ['fact'] }),
    assetOf('airbyte', 'raw', {}),
  ]
  const { project, problems } = addFound(
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

test('a declared asset of the kind takes what its YAML leaves out', () => {
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
  const { project } = addFound(projectOf([mine]), [theirs, found('stg'), found('other')], 'k')
  expect(project.assets.get('fact')).toEqual({
    ...mine,
    deps: ['other', 'stg'],
    group: 'finance',
    tags: { a: 'mine', b: '' },
    description: 'Theirs.',
    spec: { model: 'model.shop.fact' },
  })
})

test('a dependency that is neither declared nor found is a problem at its place', () => {
  const top = assetOf('extract', 'top', {}, { deps: ['stg', 'fcat'] })
  const { problems } = addFound(projectOf([top]), [found('fact'), found('stg')], 'k')
  expect(problems).toMatchObject([
    {
      code: 'unknown-dependency',
      at: { path: ['assets', 'top', 'deps', 1] },
      hint: 'did you mean "fact"?',
    },
  ])
})

test('caches of definitions see other found assets', () => {
  const table = (key: string) =>
    addFound(projectOf([assetOf('command', 'a', {})]), [], key).project.assets
  expect(table('1').arrays.files[0]!.hash).not.toBe(table('2').arrays.files[0]!.hash)
})
