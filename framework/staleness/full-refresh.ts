import type { Asset } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { Reason, ReasonName } from '../model/verdict.ts'
import type { AssetFacts } from './asset-facts.ts'
import { driftReason } from './drift.ts'

/**
 * Whether a build starts from nothing or on top of its own content (SEMANTICS 10), so that an edit by
 * hand is never laundered into a record.
 */
export function buildsInFull(facts: AssetFacts, reasons: readonly Reason[]): boolean {
  const { asset, definition, record, forced, observation } = facts
  const accumulates = definition?.accumulates ?? 'no'
  if (accumulates === 'no') return true
  if (accumulates === 'snapshot') return false
  if (forced === 'full_refresh') return true
  // A table without a record is continued, not dropped.
  if (record === null) return observation?.found.state !== 'present'
  const isAsRecorded = driftReason(record, observation, null) === null
  return !isAsRecorded || reasons.some(({ reason }) => asksForFullBuild(reason, asset))
}

/**
 * Whether a build that was begun in full has to be finished in full: what it leaves when it is cut off
 * can't be told from a table that was always there. Then its begin is written with a mark.
 */
export function mustEndInFull(facts: AssetFacts, full: boolean): boolean {
  return full && facts.definition?.accumulates === 'incremental' && facts.record === null
}

/**
 * Whether a stale asset is taken as it is now instead of being built: drift that its policy adopts. Never
 * a view: what drifts there is its definition, which is code and comes from the project.
 */
export function isAdopted(
  asset: Asset,
  definition: Definition | null,
  reasons: readonly Reason[],
): boolean {
  if (definition?.form !== 'stored') return false
  const { onDrift } = asset.policy
  const policy = onDrift === 'default' ? definition.onDrift : onDrift
  return policy === 'adopt' && reasons.every((reason) => reason.reason === 'drifted')
}

function asksForFullBuild(reason: ReasonName, asset: Asset): boolean {
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
