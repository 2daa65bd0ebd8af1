import type { Observation } from '../model/observation.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import type { Reason } from '../model/verdict.ts'
import { AS_RECORDED, modeOfVersion, schemeOf, type Version } from '../model/version.ts'

type Present = Extract<Observation['found'], { state: 'present' }>

/**
 * `missing`, `drifted` or `unknown`: the asset does not hold what its record says, or this is not known;
 * null if it does. Without an observation by this command, the last one counts.
 */
export function driftReason(
  record: Materialization,
  observation: Observation | null,
  lastObserved: RecordedObservation | null,
): Reason | null {
  if (observation === null) {
    return lastObserved === null ? null : lastObservedReason(record, lastObserved)
  }
  const { found } = observation
  switch (found.state) {
    case 'recorded':
      return null
    case 'absent':
      return found.message === undefined
        ? gone(record)
        : { reason: 'missing', message: found.message }
    case 'replaced':
      return { reason: 'drifted', message: found.message }
    case 'unreadable':
      return unsure(`it can't be read: ${found.message}`)
    case 'present':
      return presentReason(record, found)
  }
}

/** The version that an observation records for an asset that matches its record. */
export function asRecorded(record: Materialization): Version {
  return record.dataVersion ?? AS_RECORDED
}

/**
 * A commit deletes the observations before it, so one that exists is newer than the record. Their times
 * are not compared: a clock that was set back would make it look older (SEMANTICS 26).
 */
function lastObservedReason(record: Materialization, last: RecordedObservation): Reason | null {
  if (!last.present) return gone(record)
  if (last.version === asRecorded(record)) return null
  if (last.version !== null) return changed(record, last.version)
  return unsure(last.because ?? 'it may have changed: the last observation could not tell')
}

function presentReason(record: Materialization, found: Present): Reason | null {
  if (found.installed !== record.installed) {
    return { reason: 'drifted', message: `redefined outside assets since run ${record.run}` }
  }
  // What a view shows follows its inputs. One that shows files is observed with them (SEMANTICS 30).
  const isSeen = found.version !== null || found.token !== null
  if (found.installed !== null && !isSeen) return null
  const recorded = record.dataVersion
  if (recorded === null) return null
  const isSameRelation = found.shape?.relation === record.shape?.relation
  const isSameToken = isSameRelation && found.token !== null && found.token === record.token
  switch (modeOfVersion(recorded)) {
    case 'token':
      if (found.token === null) return unsure('it may have changed: it has no change token now')
      return isSameToken ? null : written(record)
    case 'key':
    case 'new':
      // The policy says not to look at the content, so only a change token can show a write.
      if (found.token === null || record.token === null) return null
      return isSameToken ? null : written(record)
    case 'content':
    case 'file':
    case 'asRecorded':
    case 'definition':
      return contentReason(record, recorded, found, isSameToken)
  }
}

function contentReason(
  record: Materialization,
  recorded: Version,
  found: Present,
  isSameToken: boolean,
): Reason | null {
  if (found.version === recorded) return null
  if (found.version === null) {
    return isSameToken ? null : unsure('it may have changed: its content was not hashed')
  }
  if (schemeOf(found.version) === schemeOf(recorded)) return changed(record, found.version)
  return isSameToken ? null : unsure('it may have changed: its content is hashed by another scheme')
}

function gone({ run }: Materialization): Reason {
  return { reason: 'missing', message: `gone since run ${run} built it` }
}

function changed(record: Materialization, version: Version): Reason {
  return {
    reason: 'drifted',
    ...(record.dataVersion === null ? {} : { from: record.dataVersion }),
    to: version,
    message: `changed outside assets since run ${record.run}`,
  }
}

/** A change token moves with every write, and the one after our own write is recorded. */
function written({ run }: Materialization): Reason {
  return { reason: 'drifted', message: `written to outside assets since run ${run}` }
}

function unsure(message: string): Reason {
  return { reason: 'unknown', message }
}
