import type { GraphCheck } from '../graph/graph.ts'
import type { Asset } from '../model/asset.ts'
import type { Check } from '../model/definition.ts'

/**
 * Checks with the policy `checks: {block: never}` of the assets that they read. A check gates what is
 * below all that it reads, so the policy of one of those assets waives the whole check.
 */
export function withWaivers(checks: readonly Check[], assets: Iterable<Asset>): readonly Check[] {
  if (checks.length === 0) return checks
  const waiving = new Set<string>()
  for (const { name, policy } of assets) if (policy.checks.block === 'never') waiving.add(name)
  if (waiving.size === 0) return checks
  return checks.map((check) => {
    const waivedBy = check.reads.find((name) => waiving.has(name))
    return waivedBy === undefined ? check : { ...check, waivedBy }
  })
}

/** A check as the graph needs it. A waived check blocks nothing, like one of severity `warn`. */
export function asGate({ name, reads, severity, waivedBy }: Check): GraphCheck {
  return { name, reads, severity: waivedBy === undefined ? severity : 'warn' }
}

/** Says that a check blocks nothing, and why; empty if it does block. */
export function waiver({ waivedBy }: Check): string {
  return waivedBy === undefined ? '' : `blocks nothing: ${waivedBy} has checks: {block: never}`
}
