import { decide } from './decide.ts'
import { isAdopted } from './full-refresh.ts'
import type { Request, World } from './world.ts'

/**
 * A stale member, inside the run, of each unit that has one (SEMANTICS 11): one call builds the whole
 * unit. Members read nothing but their source, so they can be decided before everything else. Drift
 * that is adopted needs no call. Pure.
 */
export function staleUnits(world: World, request: Request): ReadonlyMap<string, number> {
  const stale = new Map<string, number>()
  for (const [i, { unit }] of world.specialDefinitions()) {
    if (unit === null || stale.has(unit) || !request.inRun(i)) continue
    const facts = world.facts(i)
    const verdict = decide(facts, [], request.now, null)
    const { asset, definition } = facts
    if (verdict.state === 'stale' && !isAdopted(asset, definition, verdict.reasons)) {
      stale.set(unit, i)
    }
  }
  return stale
}

/**
 * The request with the rest of each unit that has a stale member in it: the same call builds them,
 * selected or not, so they are begun and committed with it (SEMANTICS 11). Pure.
 */
export function withUnits(world: World, request: Request): Request {
  const stale = staleUnits(world, request)
  if (stale.size === 0) return request
  const joined = new Set<number>()
  for (const [i, { unit }] of world.specialDefinitions()) {
    if (unit !== null && stale.has(unit)) joined.add(i)
  }
  return { ...request, inRun: (i) => request.inRun(i) || joined.has(i) }
}
