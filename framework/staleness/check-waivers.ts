import type { GraphCheck } from '../graph/graph.ts'
import type { Asset } from '../model/asset.ts'
import type { Check } from '../model/definition.ts'

/**
 * Checks with the policy of what they read. A check gates what lies below all that it reads, so whoever
 * says of one of those assets that its checks block nothing has spoken for the whole check: what is
 * below that asset is held back by none that reads it.
 */
export function withWaivers(checks: readonly Check[], assets: readonly Asset[]): readonly Check[] {
  const waiving = new Set<string>()
  for (const { name, policy } of assets) if (policy.checks.block === 'never') waiving.add(name)
  if (waiving.size === 0) return checks
  return checks.map((check) => {
    const waivedBy = check.reads.find((name) => waiving.has(name))
    return waivedBy === undefined ? check : { ...check, waivedBy }
  })
}

/** A check as the graph takes it: one that holds nothing back is to it like one that only warns. */
export function asGate({ name, reads, severity, waivedBy }: Check): GraphCheck {
  return { name, reads, severity: waivedBy === undefined ? severity : 'warn' }
}

/** Says of a check that failed that nothing waits for it; empty where something does. */
export function waiver({ waivedBy }: Check): string {
  return waivedBy === undefined
    ? ''
    : `holds nothing back, since ${waivedBy} has checks: {block: never}`
}
