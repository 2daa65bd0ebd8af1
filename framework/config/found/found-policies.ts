import { z } from 'zod'
import type { Policy } from '../../model/asset.ts'
import type { FoundAsset } from '../../model/found-asset.ts'
import type { Problem } from '../../model/problem.ts'
import { partialPolicyOf } from '../compile/compiled-assets-builder.ts'
import { policyFields } from '../schema/fields.ts'
import { validate } from '../schema/validate.ts'

/** A policy that an asset has in a project of its own. */
export interface FoundPolicy {
  readonly policy: Partial<Policy>
  /** The names of its keys in YAML. */
  readonly keys: readonly string[]
}

const schema = z.strictObject(policyFields)

/** The policies in the settings of found assets, by name. Problems: those of `validate`, at the asset's file. */
export function foundPolicies(found: readonly FoundAsset[]): {
  readonly policies: ReadonlyMap<string, FoundPolicy>
  readonly problems: readonly Problem[]
} {
  const policies = new Map<string, FoundPolicy>()
  const problems: Problem[] = []
  for (const { name, file, settings } of found) {
    if (settings === null) continue
    const subject = { name: `${name}, meta.assets`, at: { file, path: [] }, mayShowValue: true }
    const checked = validate(schema, settings, { ...subject, asset: name })
    problems.push(...checked.problems.map((problem) => ({ ...problem, at: subject.at })))
    if (checked.value === undefined) continue
    policies.set(name, { policy: partialPolicyOf(checked.value), keys: Object.keys(settings) })
  }
  return { policies, problems }
}
