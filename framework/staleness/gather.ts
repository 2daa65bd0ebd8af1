import { graphOf } from '../graph/graph.ts'
import type { Json } from '../lib/json.ts'
import type { Check } from '../model/definition.ts'
import { ok, type Problem, type Result } from '../model/problem.ts'
import type { AssetTable } from '../model/tables/asset-table.ts'
import type { Site } from '../ports/site.ts'
import type { StateReader, Wanted } from '../ports/state.ts'
import { asGate } from './check-waivers.ts'
import type { DefinedProject, Kinds } from './define.ts'
import { type Observed, observe } from './observe.ts'
import { type DeclaredParts, World } from './world.ts'

/**
 * What a world is gathered from: records alone, or also new observations. `sparing`: what was published is looked at
 * only if the last look is old (SEMANTICS 52).
 */
export type Look = 'offline' | 'online' | 'sparing'

export interface Gathered {
  readonly world: World
  /** Newer source positions that were proved equal to the recorded ones, by asset. */
  readonly positions: ReadonlyMap<string, Json>
  /** What could not be observed, and why. In this world those assets are unreadable. */
  readonly problems: readonly Problem[]
}

const NOTHING_OBSERVED: Observed = {
  observations: new Map(),
  positions: new Map(),
  problems: [],
}

/**
 * Reads everything that a decision may use (law 6). Problems of the result: the state can't be read; a
 * cycle. If a source or warehouse can't be reached, the result is still ok, and its assets are unknown,
 * so they are built.
 */
export async function gather(
  defined: DefinedProject,
  state: StateReader,
  look: Look,
  kinds: Kinds,
  site: Site,
  want: Wanted = 'records',
): Promise<Result<Gathered>> {
  const snapshot = await state.snapshot(site.target.name, want)
  if (!snapshot.ok) return snapshot
  const { assets } = site.project
  const { definitions } = defined
  const declared = declaredParts(defined, assets)
  if (!declared.ok) return declared
  const observed =
    look === 'offline'
      ? NOTHING_OBSERVED
      : await observe(assets, definitions, snapshot.value, kinds, site, look === 'sparing')
  const { observations, positions, problems } = observed
  const world = new World({ ...declared.value, state: snapshot.value, observations })
  return ok({ world, positions, problems })
}

/** What a project declares of a world: all but its state and what is observed. Problem: a cycle. */
export function declaredParts(
  { definitions, codes, words, together, checks: all }: DefinedProject,
  assets: AssetTable,
): Result<DeclaredParts> {
  const checks = readableChecks(all, assets)
  const graph = graphOf(assets, checks.map(asGate))
  if (!graph.ok) return graph
  const byName = new Map(checks.map((check) => [check.name, check]))
  return ok({ graph: graph.value, assets, definitions, codes, words, checks: byName, together })
}

/** A check that reads nothing, or an asset that the project does not declare, is left out. */
function readableChecks(checks: readonly Check[], assets: AssetTable): readonly Check[] {
  if (checks.length === 0) return checks
  const names = new Set(assets.arrays.names.texts)
  return checks.filter(({ reads }) => reads.length > 0 && reads.every((name) => names.has(name)))
}
