import { graphOf } from '../graph/graph.ts'
import type { Json } from '../lib/json.ts'
import type { Asset } from '../model/asset.ts'
import type { Check } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import { ok, type Problem, type Result } from '../model/problem.ts'
import type { StateSnapshot } from '../model/record.ts'
import type { Site } from '../ports/site.ts'
import { asGate } from './check-waivers.ts'
import { inlinedStatements } from './inlined.ts'
import { type DefinedProject, type Kinds, observe } from './observe.ts'
import type { World } from './world.ts'

/** How far to look: at records alone, or also at the world. */
export type Look = 'offline' | 'online'

export interface Gathered {
  readonly world: World
  /** Newer source positions that were proved equal to the recorded ones, by asset. */
  readonly positions: ReadonlyMap<string, Json>
  /** What could not be looked at, and why. Its assets are of unknown content in this world. */
  readonly problems: readonly Problem[]
}

/**
 * Reads everything a decision may look at (law 6). Problems of the result: a cycle. A source or
 * warehouse that can't be reached is no such problem: its assets are unknown, which means build.
 */
export async function gather(
  defined: DefinedProject,
  state: StateSnapshot,
  look: Look,
  kinds: Kinds,
  site: Site,
): Promise<Result<Gathered>> {
  const { project } = site
  const { definitions, codes } = defined
  const checks = defined.checks.length === 0 ? [] : withAssets(defined.checks, project.assets)
  const graph = graphOf(project, checks.map(asGate))
  if (!graph.ok) return graph
  const seen =
    look === 'online'
      ? await observe(project.assets, definitions, state, kinds, site)
      : { observations: new Map<string, Observation>(), positions: new Map(), problems: [] }
  const world: World = {
    graph: graph.value,
    assets:
      project.assetTable?.byName ?? new Map(project.assets.map((asset) => [asset.name, asset])),
    definitions,
    codes,
    inlined: inlinedStatements(graph.value, definitions, codes),
    checks: new Map(checks.map((check) => [check.name, check])),
    state,
    observations: seen.observations,
  }
  return ok({ world, positions: seen.positions, problems: seen.problems })
}

/** Checks that read nothing this project declares are not this project's. */
function withAssets(checks: readonly Check[], assets: readonly Asset[]): readonly Check[] {
  const names = new Set(assets.map((asset) => asset.name))
  return checks.filter(
    (check) => check.reads.length > 0 && check.reads.every((name) => names.has(name)),
  )
}
