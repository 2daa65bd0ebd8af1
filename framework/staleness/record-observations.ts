import type { Found } from '../model/observation.ts'
import { isObservedHere, moveOf } from '../model/place.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import { definitionVersion, modeOfVersion, newVersion } from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Change } from '../ports/state.ts'
import { asRecorded, driftReason } from './drift.ts'
import type { Gathered } from './gather.ts'
import { sinceOf } from './settle.ts'
import type { AssetFacts, Request } from './world.ts'

type Seen = Omit<RecordedObservation, 'at'>
type Present = Extract<Found, { state: 'present' }>

const ABSENT: Seen = { version: null, shape: null, token: null, present: false }
const UNSURE: Seen = { version: null, shape: null, token: null, present: true }

/**
 * The observations to record, so that offline is never fresh where online, from the same facts, is
 * stale (SEMANTICS 9). `run`: the request of a run, in which `always_new` externals are new; null for
 * a command that only looks.
 */
export function observationChanges(gathered: Gathered, run: Request | null = null): Change[] {
  const { world, positions } = gathered
  const changes: Change[] = [...positions].map(([asset, source]) => ({
    change: 'position',
    asset,
    source,
  }))
  for (const [name, { at }] of world.parts.observations) {
    const i = world.graph.indexOf(name)
    if (i === undefined) continue
    const facts = world.facts(i)
    const isNew = run?.inRun(i) === true
    const since = isNew ? sinceOf(facts, world.remembered(i), run.now) : null
    changes.push(...observationChange(facts, at, since))
  }
  return changes
}

/**
 * What one observation says that the state does not know yet, if anything. `since`: the number of the new version
 * of an `always_new` external, or null.
 */
export function observationChange(facts: AssetFacts, at: number, since: number | null): Change[] {
  const isExternal = facts.definition?.form === 'external'
  const seen = isExternal ? seenExternalHere(facts, since) : seenAsset(facts)
  if (seen === null) return []
  return [{ change: 'observed', name: facts.asset.name, observation: { ...seen, at } }]
}

/** What is to be recorded of an external, with the code version that says where it was observed. */
function seenExternalHere(facts: AssetFacts, since: number | null): Seen | null {
  const { definition, lastObserved } = facts
  const { codeVersion } = definition!
  const seen = seenExternal(facts, since)
  if (seen !== null) return { ...seen, codeVersion }
  // An observation of an earlier version does not say where.
  const isOld = lastObserved !== null && isObservedHere(lastObserved, definition!) === null
  return isOld ? { ...lastObserved, codeVersion } : null
}

/** An external has no record but its last observation. `since`: the number of its new version, or null. */
function seenExternal(facts: AssetFacts, since: number | null): Seen | null {
  const { asset, definition, observation, lastObserved: last } = facts
  const { found } = observation!
  const mode = modeOf(asset, definition!)
  const isNew = mode === 'always_new' && since !== null
  switch (found.state) {
    case 'recorded':
      return isNew && last?.present ? { ...last, version: newVersion(since) } : null
    case 'absent':
      return ABSENT
    case 'replaced':
    case 'unreadable':
      return UNSURE
    case 'present': {
      const { shape, token } = found
      if (mode === 'always_new') {
        const isAsLast = last?.present === true && token !== null && token === last.token
        const version = isNew ? newVersion(since) : null
        return isAsLast && !isNew ? null : { version, shape, token, present: true }
      }
      const seen = { content: found.version, token, shape }
      const version = versionBy(mode, seen, { state: 'unknown' }, 0)
      return { version, shape, token, present: true }
    }
  }
}

/** For an asset with a record: what contradicts the record, or that nothing contradicts it any more. */
function seenAsset({ record, definition, observation, lastObserved }: AssetFacts): Seen | null {
  // What is at another place does not contradict the record.
  if (record === null || moveOf(record, definition!) !== null) return null
  const { found, probe } = observation!
  const reason = driftReason(record, observation, null)
  if (reason === null) {
    if (probe.answer === 'moved') return { ...UNSURE, because: probe.message }
    if (probe.answer === 'unknown') return UNSURE
    if (isWrittenWithSameContent(record, found)) {
      const { version, shape, token } = found
      return { version, shape, token, present: true }
    }
    return lastObserved === null ? null : { ...UNSURE, version: asRecorded(record) }
  }
  if (found.state === 'absent') return ABSENT
  if (found.state === 'replaced') return { ...UNSURE, version: definitionVersion(null) }
  if (found.state !== 'present' || reason.reason === 'unknown') return UNSURE
  const { version, shape, token, installed } = found
  return { version: version ?? definitionVersion(installed), shape, token, present: true }
}

/** With its new token recorded, the next command need not hash the content again. */
function isWrittenWithSameContent(record: Materialization, found: Found): found is Present {
  const { dataVersion, token } = record
  if (found.state !== 'present' || found.version !== dataVersion) return false
  const isContent = dataVersion !== null && modeOfVersion(dataVersion) === 'content'
  return isContent && found.token !== null && found.token !== token
}
