import { groupBy } from '../../lib/group-by.ts'
import { leftoverKey } from '../../model/leftover.ts'
import type { Observation } from '../../model/observation.ts'
import type { Planned } from '../../plan/plan.ts'
import type { Site } from '../../ports/site.ts'
import type { Kinds } from '../../staleness/define.ts'
import { isOfOther } from '../../staleness/full-refresh.ts'
import type { Request, World } from '../../staleness/world.ts'

/** A world with the decisions of a command. */
export type Decided = Pick<Planned, 'world' | 'request' | 'decisions'>

// What may be adopted: assets that exist and that this program never built (SEMANTICS 43).

/**
 * The world with an observation of each asset of the run that has no record. A command that has a proof that
 * nothing changed does not look at these: without a record, they are built either way.
 */
export async function lookAtUnrecorded(
  world: World,
  request: Pick<Request, 'inRun'>,
  kinds: Kinds,
  site: Site,
): Promise<World> {
  const unseen: number[] = []
  for (let i = 0; i < world.graph.assetCount; i++) {
    if (!request.inRun(i) || !isUnrecorded(world, i)) continue
    if (!world.parts.observations.has(world.name(i))) unseen.push(i)
  }
  if (unseen.length === 0) return world
  const observations = new Map<string, Observation>()
  for (const [name, group] of groupBy(unseen, (i) => world.kind(i))) {
    const requests = group.map((i) => {
      const { asset, definition } = world.facts(i)
      return {
        asset,
        definition: definition!,
        record: null,
        lastObserved: null,
        warehouseToken: null,
        sparing: false,
      }
    })
    const answer = await (await kinds(name)).observe(requests, site)
    if (!answer.ok) continue
    for (const [asset, observation] of answer.value.observations)
      observations.set(asset, observation)
  }
  return world.withObservations(observations)
}

/** The assets of the run that exist and were never built. Pure. */
export function unrecordedAssets(world: World, request: Pick<Request, 'inRun'>): readonly number[] {
  const found: number[] = []
  for (let i = 0; i < world.graph.assetCount; i++) {
    if (request.inRun(i) && isUnrecorded(world, i) && whyBuilt(world, i) === null) found.push(i)
  }
  return found
}

/** Whether an asset was never built, and has an object. */
export function isUnrecorded(world: World, i: number): boolean {
  const form = world.definition(i)?.form
  return (form === 'stored' || form === 'view') && world.last(i) === null
}

/**
 * Why an asset can't be adopted, whatever is proved or vouched: the end of the sentence "it is built: …". Null if it
 * can. Pure.
 */
export function whyBuilt(world: World, i: number): string | null {
  const { definition, record, journal, forced, observation } = world.facts(i)
  if (definition === null) return 'its definition is not known yet'
  if (definition.readsSource === true || definition.unit !== null) {
    return 'where it stands in its source is not known'
  }
  if (record !== null) return `run ${record.run} built it, and that record counts`
  if (forced !== null) return 'a build was requested'
  if (journal !== null) return `run ${journal.run} began it and did not finish`
  const found = observation?.found
  if (found?.state === 'unreadable') return "it can't be read"
  if (found?.state !== 'present') return 'it does not exist'
  const place = definition.relation ?? ''
  if (isOfOther(world, i) || world.state.leftovers.has(leftoverKey({ is: 'relation', place }))) {
    return 'another asset of this project was built there'
  }
  const isShown = definition.form === 'view' || definition.outputs.length > 0
  if (definition.relation !== null && isShown !== (found.installed !== null)) {
    return isShown
      ? 'a table is there, and a view belongs there'
      : 'a view is there, and a table belongs there'
  }
  return null
}

/**
 * The assets of the run that may exist and that it is to build for the first time. Without a record an asset is
 * stale, so the records of others are not decoded. Pure.
 */
export function firstBuilds({ world, request, decisions }: Decided): readonly number[] {
  const found: number[] = []
  for (let i = 0; i < world.graph.assetCount; i++) {
    if (decisions.verdicts[i]!.state !== 'stale') continue
    if (!request.inRun(i) || !isUnrecorded(world, i)) continue
    const { definition, observation } = world.facts(i)
    const holdsRows = definition?.form === 'stored' && definition.readsSource !== true
    if (holdsRows && observation?.found.state !== 'absent') found.push(i)
  }
  return found
}
