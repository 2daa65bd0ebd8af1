import type { Asset } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import { leftoverKey } from '../model/leftover.ts'
import { isSameRelation, moveOf } from '../model/place.ts'
import type { Reason, ReasonName, Verdict } from '../model/verdict.ts'
import { driftReason } from './drift.ts'
import type { AssetFacts, World } from './world.ts'

/**
 * Whether a build starts from nothing or on top of the content that exists (SEMANTICS 10). An
 * incremental build on top of a manual edit would turn the edit into a record.
 */
function buildsInFull(world: World, i: number, reasons: readonly Reason[]): boolean {
  const facts = world.facts(i)
  const { asset, definition, record, forced, observation } = facts
  if (definition === null || definition.accumulates === 'no') return true
  if (definition.accumulates === 'snapshot') return false
  if (forced === 'full_refresh') return true
  const isThere = observation?.found.state === 'present'
  // A table without a record is continued, not dropped.
  if (record === null) return !isThere
  if (moveOf(record, definition) !== null) {
    // The recorded position of a source belongs to the old table (SEMANTICS 27).
    return !isThere || definition.readsSource === true || isOfThisProject(world, i)
  }
  const isAsRecorded = driftReason(record, observation, null) === null
  return !isAsRecorded || reasons.some(({ reason }) => needsFullBuild(reason, asset))
}

/** The same for a node with its verdict; a check has nothing to build. */
export function isFullBuild(world: World, i: number, verdict: Verdict): boolean {
  if (world.graph.isCheck(i)) return false
  return verdict.state !== 'stale' || buildsInFull(world, i, verdict.reasons)
}

/**
 * Whether the table at the relation of an asset is one that this program built: left behind by a move, or
 * that of another asset. Such a table is no history from before this program.
 */
function isOfThisProject(world: World, i: number): boolean {
  const place = world.definition(i)?.relation ?? ''
  return world.state.leftovers.has(leftoverKey({ is: 'relation', place })) || isOfOther(world, i)
}

/** Whether another asset of the project was built at the relation that the definition of this one names. */
export function isOfOther(world: World, i: number): boolean {
  const relation = world.definition(i)?.relation ?? null
  if (relation === null) return false
  for (const [name, { shape }] of world.state.records) {
    if (name === world.name(i) || world.graph.indexOf(name) === undefined) continue
    if (isSameRelation(shape?.relation ?? null, relation)) return true
  }
  return false
}

/**
 * Whether a full build must be repeated in full after an interruption, because the table that it leaves
 * can't be distinguished from a complete one. Its begin is then written as `full_refresh`.
 */
export function mustRepeatInFull(facts: AssetFacts, full: boolean): boolean {
  return full && facts.definition?.accumulates === 'incremental' && isNewPlace(facts)
}

/** Whether an asset was never built where its definition says. */
function isNewPlace({ record, definition }: AssetFacts): boolean {
  return record === null || (definition !== null && moveOf(record, definition) !== null)
}

/**
 * Whether a stale asset is adopted instead of built: it drifted, and its policy is
 * `on_drift: adopt`. Never a view: its definition is code, which comes from the project.
 */
export function isAdopted(
  asset: Asset,
  definition: Definition | null,
  reasons: readonly Reason[],
): boolean {
  return adoptsDrift(asset, definition) && reasons.every((reason) => reason.reason === 'drifted')
}

/** Whether its policy takes what others write as the asset's new content. */
export function adoptsDrift(asset: Asset, definition: Definition | null): boolean {
  if (definition?.form !== 'stored') return false
  const { onDrift } = asset.policy
  return (onDrift === 'default' ? definition.onDrift : onDrift) === 'adopt'
}

function needsFullBuild(reason: ReasonName, asset: Asset): boolean {
  switch (reason) {
    case 'missing':
    case 'deps':
    case 'drifted':
      return true
    case 'code':
      return asset.policy.onCode === 'full_refresh'
    case 'interrupted':
    case 'failed':
    case 'data':
    case 'source':
    case 'expired':
    case 'unchecked':
    case 'shared':
    case 'unknown':
    case 'forced':
      return false
  }
}
