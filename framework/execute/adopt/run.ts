import type { RunEvent } from '../../model/event.ts'
import type { Planned } from '../../plan/plan.ts'
import type { Site } from '../../ports/site.ts'
import type { Lease } from '../../ports/state.ts'
import type { Kinds } from '../../staleness/define.ts'
import { type Adoption, adopt, measuredAssets } from './adoption.ts'
import type { Claiming } from './claims.ts'
import { measureAssets } from './measure.ts'

export interface Adopting {
  readonly planned: Planned
  readonly claims?: Claiming
  readonly lease: Lease
  readonly kinds: Kinds
  readonly site: Site
}

/**
 * Adopts what a run may adopt, before its first step: reads all contents, writes all records at once, and plans the
 * rest. A run that is killed before has recorded nothing, and one that is killed later has recorded everything; the
 * records are true in either case. Null if nothing is to be adopted, if the run is cancelled, or if the state can't be
 * written, which the next write reports.
 */
export async function adoptClaimed(
  { planned, claims: claiming, lease, kinds, site }: Adopting,
  emit: (event: RunEvent) => void,
): Promise<Adoption | null> {
  if (claiming === undefined) return null
  const { world, claims } = claiming
  const { scope, request } = planned
  const startedAt = site.clock()
  const indices = measuredAssets(world, claims)
  const products = await measureAssets(world, indices, kinds, site)
  if (site.signal.aborted) return null
  const span = { startedAt, finishedAt: site.clock() }
  const { now } = request
  const adoption = adopt({ world, scope, now, claims, products, run: lease.run, span })
  if (adoption.changes.length > 0) {
    const written = await lease.write(adoption.changes)
    if (!written.ok) return null
  }
  const { assets, left } = adoption
  emit({ event: 'adopted', assets, left, hasCandidates: claims.hasCandidates })
  return adoption
}
