import type { RunState } from './run-state.ts'

/**
 * The free slots of each pool. A unit takes one slot for all its members, any other step takes one. The
 * slot is taken while the call runs.
 */
export class Pools {
  readonly #free: Map<string, number>

  /** `sizes` by name; a pool without a size has no limit. */
  constructor(sizes: Readonly<Record<string, number>>) {
    this.#free = new Map(Object.entries(sizes))
  }

  free(pool: string | null): number {
    return (pool === null ? undefined : this.#free.get(pool)) ?? Number.POSITIVE_INFINITY
  }

  /** `slots`: the name of a pool for each slot. */
  take(slots: readonly string[]): void {
    this.#add(slots, -1)
  }

  give(slots: readonly string[]): void {
    this.#add(slots, 1)
  }

  #add(slots: readonly string[], by: 1 | -1): void {
    for (const pool of slots) {
      const free = this.#free.get(pool)
      if (free !== undefined) this.#free.set(pool, free + by)
    }
  }
}

/** Steps that start together or not at all, and the pools in which they need a slot. */
export interface Claim {
  readonly steps: readonly number[]
  readonly pools: readonly string[]
}

export function poolOf({ world }: RunState, i: number): string | null {
  return world.graph.isCheck(i) ? null : world.asset(i).policy.pool
}

/** The slots that steps need: one claim for each unit, one for each other step with a pool. Pure. */
export function claimsOf(runState: RunState, steps: readonly number[]): readonly Claim[] {
  const claims = new Map<string, { steps: number[]; pools: Set<string> }>()
  for (const i of steps) {
    const key = runState.world.definition(i)?.unit ?? `step ${runState.name(i)}`
    const claim = claims.get(key) ?? { steps: [], pools: new Set() }
    claims.set(key, claim)
    claim.steps.push(i)
    const pool = poolOf(runState, i)
    if (pool !== null) claim.pools.add(pool)
  }
  return [...claims.values()].flatMap(({ steps, pools }) =>
    pools.size === 0 ? [] : [{ steps, pools: [...pools] }],
  )
}

/** The claims that get no slot when slots are given in this order. Pure. */
export function withoutSlot(claims: readonly Claim[], pools: Pools): readonly Claim[] {
  const left = new Map<string, number>()
  const freeIn = (pool: string) => left.get(pool) ?? pools.free(pool)
  return claims.filter((claim) => {
    if (!claim.pools.every((pool) => freeIn(pool) > 0)) return true
    for (const pool of claim.pools) left.set(pool, freeIn(pool) - 1)
    return false
  })
}
