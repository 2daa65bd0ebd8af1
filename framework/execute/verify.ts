import type { KindName } from '../model/asset.ts'
import type { Planned } from '../plan/plan.ts'
import { type Finding, findingOf, type LeftOut, levelsOf } from '../plan/verify.ts'
import type { Kind, RebuildStep } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'

export interface Verifying {
  /** The decisions of a command that builds nothing. */
  readonly planned: Pick<Planned, 'world' | 'decisions'>
  /** What to build again: fresh assets of kinds that can build in scratch. */
  readonly indices: readonly number[]
  readonly kinds: ReadonlyMap<KindName, Kind>
  readonly site: Site
  /** Called after each group with the number of assets that are done. */
  readonly progress: (done: number) => void
}

export interface Verified {
  readonly findings: readonly Finding[]
  readonly leftOut: readonly LeftOut[]
  /** What the findings do not cover. */
  readonly notes: readonly string[]
}

/**
 * Builds assets again in scratch, in groups in which none reads another, so that each reads what its
 * record was built from. Ends early when the command is interrupted.
 */
export async function verify(verifying: Verifying): Promise<Verified> {
  const { planned, indices, kinds, site, progress } = verifying
  const { world } = planned
  const findings: Finding[] = []
  const leftOut: LeftOut[] = []
  const notes = new Set<string>()
  for (const level of levelsOf(world.graph, indices)) {
    for (const [name, { rebuilder }] of kinds) {
      const group = level.filter((i) => world.kind(i) === name)
      if (group.length === 0 || 'unverifiable' in rebuilder || site.signal.aborted) continue
      const steps = group.map((i) => stepOf(planned, i))
      const definitions = new Map(steps.map((step) => [step.asset.name, step.definition]))
      const uncovered = await rebuilder.rebuild(
        steps,
        (asset, rebuilt) => {
          if (rebuilt.is === 'left_out') leftOut.push({ asset, because: rebuilt.because })
          else findings.push(findingOf(asset, definitions.get(asset)!, rebuilt))
        },
        site,
      )
      for (const note of uncovered) notes.add(note)
      progress(findings.length + leftOut.length)
    }
  }
  return { findings, leftOut, notes: [...notes] }
}

function stepOf({ world, decisions }: Verifying['planned'], i: number): RebuildStep {
  const { asset, definition, record } = world.facts(i)
  if (definition === null || record === null) throw new Error(`${asset.name} was never built`)
  const inputs = new Map(
    Array.from(world.graph.inputs(i), (input) => {
      const settled = decisions.settled[input]!
      return [world.name(input), settled.state === 'settled' ? settled.shape : null]
    }),
  )
  return { asset, definition, record, inputs }
}
