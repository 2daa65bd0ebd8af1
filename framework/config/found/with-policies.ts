import type { Asset, Policy, PolicySource } from '../../model/asset.ts'
import type { PolicyRule, Project } from '../../model/project.ts'
import { AssetTable, type Trait } from '../../model/tables/asset-table.ts'
import { onlyKeys } from './policy-keys.ts'

/** A rule, and whether it is for an asset, by the number of the asset. */
export interface AppliedRule {
  readonly rule: PolicyRule
  readonly bits: Uint8Array
}

/**
 * The project with the policies of these rules, which are those of `policies:` in their order. Of two rules that set
 * a key of an asset, the later one counts. A rule is stronger than `defaults:`, and weaker than the asset itself.
 * Pure.
 */
export function withPolicies(project: Project, rules: readonly AppliedRule[]): Project {
  const { assets } = project
  const { arrays } = assets
  const traits: Trait[] = []
  const numbers = new Map<string, number>()
  const trait = arrays.trait.map((before, i) => {
    const own = rules.map(({ bits }) => bits[i]).join('')
    const key = `${before} ${own}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, traits.length)
    return traits.push(ruled(arrays.traits[before]!, rules, i)) - 1
  })
  const assetsIn = (file: number): readonly Asset[] => {
    const { from } = arrays.files[file]!
    return assets.inFile(file).map((asset, k) => {
      const { policy, policyFrom } = traits[trait[from + k]!]!
      return { ...asset, policy, ...(policyFrom === undefined ? {} : { policyFrom }) }
    })
  }
  return { ...project, assets: new AssetTable({ ...arrays, trait, traits }, assetsIn) }
}

function ruled(before: Trait, rules: readonly AppliedRule[], i: number): Trait {
  let policy: Policy = before.policy
  const from: Record<string, PolicySource> = { ...before.policyFrom }
  for (const [index, { rule, bits }] of rules.entries()) {
    if (bits[i] === 0) continue
    const free = rule.keys.filter((key) => from[key] !== 'asset' && from[key] !== 'found')
    for (const key of free) from[key] = index
    policy = { ...policy, ...onlyKeys(rule.policy, free) }
  }
  return { ...before, policy, ...(Object.keys(from).length === 0 ? {} : { policyFrom: from }) }
}
