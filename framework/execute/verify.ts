import type { KindName } from '../model/asset.ts'
import { type Finding, findingOf, type LeftOut, levelsOf } from '../plan/verify.ts'
import type { Kind, RebuildStep } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { type Decisions, factsOf, kindOf } from '../staleness/fold.ts'
import type { World } from '../staleness/world.ts'

export interface Verifying {
  readonly world: World
  readonly decisions: Decisions
  /** What to build again: fresh, and of kinds that can build elsewhere. */
  readonly indices: readonly number[]
  readonly kinds: ReadonlyMap<KindName, Kind>
  readonly site: Site
  /** Called after each group with how many were looked at so far. */
  readonly progress: (done: number) => void
}

export interface Verified {
  readonly findings: readonly Finding[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Builds assets again in scratch, a group at a time of which none reads another, so that each reads
 * what is really there. Ends early when the command is interrupted.
 */
export async function verify(verifying: Verifying): Promise<Verified> {
  const { world, indices, kinds, site, progress } = verifying
  const findings: Finding[] = []
  const leftOut: LeftOut[] = []
  for (const level of levelsOf(world.graph, indices)) {
    for (const [name, kind] of kinds) {
      const group = level.filter((index) => kindOf(world, index) === name)
      if (group.length === 0 || 'unverifiable' in kind.rebuilder || site.signal.aborted) continue
      const steps = group.map((index) => stepOf(verifying, index))
      const definitions = new Map(steps.map((step) => [step.asset.name, step.definition]))
      await kind.rebuilder.rebuild(
        steps,
        (asset, rebuilt) => {
          if (rebuilt.is === 'left_out') leftOut.push({ asset, because: rebuilt.because })
          else findings.push(findingOf(asset, definitions.get(asset)!, rebuilt))
        },
        site,
      )
      progress(findings.length + leftOut.length)
    }
  }
  return { findings, leftOut }
}

function stepOf({ world, decisions }: Verifying, index: number): RebuildStep {
  const { asset, definition, record } = factsOf(world, world.graph.names[index]!)
  if (definition === null || record === null) throw new Error(`${asset.name} was never built`)
  const inputs = new Map(
    Array.from(world.graph.inputs(index), (input) => {
      const settled = decisions.settled[input]!
      return [world.graph.names[input]!, settled.state === 'settled' ? settled.shape : null]
    }),
  )
  return { asset, definition, record, inputs }
}
