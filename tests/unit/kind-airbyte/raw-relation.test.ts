import { expect, test } from 'vitest'
import { streamOf } from '../../../framework/kinds/airbyte/stream.ts'
import { rawRelations } from '../../../framework/kinds/dbt/manifest/raw-relations.ts'
import { rawAsset } from './world.ts'

test.each([
  [{}, 'raw.film'],
  [{ target_schema: 'landing' }, 'landing.film'],
  [{ target_schema: 'landing', prefix: 'ab_' }, 'landing.ab_film'],
])(
  'with the settings %j a stream and its dbt source have the same relation',
  (settings, relation) => {
    const asset = rawAsset('raw_film')
    const target = { connections: { shop: { type: 'fake', settings, at: { file: '', path: [] } } } }
    const site = { project: { assets: [asset] }, target } as never
    expect(streamOf(asset, target as never).relation).toBe(relation)
    expect([...rawRelations(site)]).toEqual([[relation, 'raw_film']])
  },
)
