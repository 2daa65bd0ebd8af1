import { expect, test } from 'vitest'
import { withPolicies } from '../../../framework/config/index.ts'
import { type Asset, NO_POLICY, type Policy } from '../../../framework/model/asset.ts'
import type { PolicyRule, Project } from '../../../framework/model/project.ts'
import { AssetTable } from '../../../framework/model/tables/asset-table.ts'
import { assetOf } from '../../contract/suites/site.ts'

const rule = (policy: Partial<Policy>, ...keys: readonly string[]): PolicyRule => ({
  ...{ select: '', exclude: null, at: { file: 'assets.yaml', path: ['policies', 0] } },
  ...{ policy, keys },
})
const bits = (...of: readonly number[]) => Uint8Array.from(of)

test('the later of two policies counts, key by key, for the assets that it is for', () => {
  const assets = AssetTable.of(['a', 'b', 'c'].map((name) => assetOf('command', name, {})))
  const ruled = withPolicies({ assets } as unknown as Project, [
    { rule: rule({ pool: 'one', onDrift: 'adopt' }, 'pool', 'on_drift'), bits: bits(1, 1, 0) },
    { rule: rule({ pool: 'two' }, 'pool'), bits: bits(0, 1, 0) },
  ])
  expect(ruled.assets.all.map(({ policy, policyFrom }) => [policy, policyFrom])).toEqual([
    [
      { ...NO_POLICY, pool: 'one', onDrift: 'adopt' },
      { pool: 0, on_drift: 0 },
    ],
    [
      { ...NO_POLICY, pool: 'two', onDrift: 'adopt' },
      { pool: 1, on_drift: 0 },
    ],
    [NO_POLICY, undefined],
  ])
  const { trait, traits } = ruled.assets.arrays
  expect(traits[trait[1]!]!.policy.pool).toBe('two')
})

test('a policy is stronger than defaults, and weaker than the asset itself', () => {
  const mine = (policyFrom: Asset['policyFrom']): Asset => ({
    ...assetOf('command', 'a', {}),
    policy: { ...NO_POLICY, pool: 'mine' },
    policyFrom: policyFrom!,
  })
  const poolOf = (asset: Asset) => {
    const assets = AssetTable.of([asset])
    const rules = [{ rule: rule({ pool: 'theirs' }, 'pool'), bits: bits(1) }]
    return withPolicies({ assets } as unknown as Project, rules).assets.at(0).policy.pool
  }
  expect(poolOf(mine({ pool: 'asset' }))).toBe('mine')
  expect(poolOf(mine({ pool: 'found' }))).toBe('mine')
  expect(poolOf(mine({ pool: 'defaults' }))).toBe('theirs')
})
