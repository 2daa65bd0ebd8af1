import type { RunState } from './run-state.ts'

/**
 * How many places of each pool are free. What one external call can't build apart holds one place
 * together; any other step holds one for itself, as long as the call that serves it is under way.
 */
export class Pools {
  readonly #free: Map<string, number>

  /** `sizes` by name; a pool that is not among them has no end of places. */
  constructor(sizes: Readonly<Record<string, number>>) {
    this.#free = new Map(Object.entries(sizes))
  }

  free(pool: string | null): number {
    return (pool === null ? undefined : this.#free.get(pool)) ?? Number.POSITIVE_INFINITY
  }

  take(places: readonly string[]): void {
    this.#move(places, -1)
  }

  give(places: readonly string[]): void {
    this.#move(places, 1)
  }

  #move(places: readonly string[], by: 1 | -1): void {
    for (const pool of places) {
      const free = this.#free.get(pool)
      if (free !== undefined) this.#free.set(pool, free + by)
    }
  }
}

/** Steps that start together or not at all, and the pools in which they need a place. */
export interface Claim {
  readonly steps: readonly number[]
  readonly pools: readonly string[]
}

export function poolOf(runState: RunState, index: number): string | null {
  return runState.world.assets.get(runState.name(index))?.policy.pool ?? null
}

/** What steps need of pools: one claim for each unit, one for each other step that has a pool. Pure. */
export function claimsOf(runState: RunState, steps: readonly number[]): readonly Claim[] {
  const claims = new Map<string, { steps: number[]; pools: Set<string> }>()
  for (const index of steps) {
    const name = runState.name(index)
    const key = runState.world.definitions.get(name)?.unit ?? `step ${name}`
    const claim = claims.get(key) ?? { steps: [], pools: new Set() }
    claims.set(key, claim)
    claim.steps.push(index)
    const pool = poolOf(runState, index)
    if (pool !== null) claim.pools.add(pool)
  }
  return [...claims.values()].flatMap(({ steps, pools }) =>
    pools.size === 0 ? [] : [{ steps, pools: [...pools] }],
  )
}

/** Of these claims those for which there is no place, once the earlier ones have theirs. Pure. */
export function withoutPlace(claims: readonly Claim[], pools: Pools): readonly Claim[] {
  const left = new Map<string, number>()
  const freeIn = (pool: string) => left.get(pool) ?? pools.free(pool)
  return claims.filter((claim) => {
    if (!claim.pools.every((pool) => freeIn(pool) > 0)) return true
    for (const pool of claim.pools) left.set(pool, freeIn(pool) - 1)
    return false
  })
}
