import { groupBy } from '../lib/group-by.ts'
import type { Json } from '../lib/json.ts'
import type { Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import { isObservedHere } from '../model/place.ts'
import type { Problem } from '../model/problem.ts'
import type { RecordedObservation, StateSnapshot } from '../model/record.ts'
import type { AssetTable } from '../model/tables/asset-table.ts'
import type { Site } from '../ports/site.ts'
import type { Kinds } from './define.ts'
import { warehouseProof } from './warehouse-proof.ts'

export interface Observed {
  readonly observations: ReadonlyMap<string, Observation>
  /** Newer source positions that were proved equal to the recorded ones, by asset. */
  readonly positions: ReadonlyMap<string, Json>
  readonly problems: readonly Problem[]
}

/**
 * Asks every kind to observe its assets, all at once. If a kind can't, its assets are unreadable and
 * the problem says why. Assets without a definition are left out.
 */
export async function observe(
  assets: AssetTable,
  definitions: ReadonlyMap<string, Definition>,
  state: StateSnapshot,
  kinds: Kinds,
  site: Site,
  sparing: boolean,
): Promise<Observed> {
  const observations = new Map<string, Observation>()
  const positions = new Map<string, Json>()
  const problems: Problem[] = []
  const proofOf = warehouseProof(state.changeTokens)
  await Promise.all(
    [...groupBy(assets.all, ({ kind }) => kind)].map(async ([name, group]) => {
      const requests = group.flatMap((asset) => {
        const definition = definitions.get(asset.name)
        if (definition === undefined) return []
        const record = state.records.get(asset.name) ?? null
        const lastObserved = observationOf(definition, state.observed.get(asset.name))
        const warehouseToken = proofOf(asset.name)
        return [{ asset, definition, record, lastObserved, warehouseToken, sparing }]
      })
      if (requests.length === 0) return
      const answer = await (await kinds(name)).observe(requests, site)
      if (!answer.ok) {
        problems.push(...answer.problems)
        const message = answer.problems[0]?.message ?? 'it could not be observed'
        for (const { asset } of requests) observations.set(asset.name, unreadable(message, site))
        return
      }
      for (const [asset, observation] of answer.value.observations) {
        observations.set(asset, observation)
      }
      for (const [asset, position] of answer.value.positions) positions.set(asset, position)
      problems.push(...answer.value.problems)
    }),
  )
  return { observations, positions, problems }
}

/** The last observation, unless it is of another path or relation of an external (SEMANTICS 27). */
function observationOf(definition: Definition, last: RecordedObservation | undefined) {
  if (last === undefined || definition.form !== 'external') return last ?? null
  return isObservedHere(last, definition) === false ? null : last
}

function unreadable(message: string, site: Site): Observation {
  const probe = { answer: 'not_asked' } as const
  return { at: site.clock(), found: { state: 'unreadable', message }, probe }
}
