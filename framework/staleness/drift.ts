import type { Observation } from '../model/observation.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import type { Reason } from '../model/verdict.ts'
import { AS_RECORDED, modeOfVersion, schemeOf, type Version } from '../model/version.ts'

type Present = Extract<Observation['found'], { state: 'present' }>

/**
 * `missing`, `drifted`, `unknown`: what is there is not what the record says, or nobody can say that it
 * is; null when it is. `observation` is null when nobody looked now: then what was found last speaks.
 */
export function driftReason(
  record: Materialization,
  observation: Observation | null,
  seen: RecordedObservation | null,
): Reason | null {
  if (observation === null) return seen === null ? null : seenReason(record, seen)
  const { found } = observation
  switch (found.state) {
    case 'recorded':
      return null
    case 'absent':
      return gone(record)
    case 'unreadable':
      return { reason: 'unknown', message: `can't be read: ${found.message}` }
    case 'present':
      return presentReason(record, found)
  }
}

/** Noted of something that was found to be as recorded after all. */
export function asRecorded(record: Materialization): Version {
  return record.dataVersion ?? AS_RECORDED
}

function seenReason(record: Materialization, seen: RecordedObservation): Reason | null {
  if (seen.at < record.finishedAt) return null
  if (!seen.present) return gone(record)
  if (seen.version === asRecorded(record)) return null
  if (seen.version !== null) return drifted(record, seen.version)
  return { reason: 'unknown', message: 'it may have moved, as it was seen last' }
}

function presentReason(record: Materialization, found: Present): Reason | null {
  // A view: its definition is what a hand can change; what it shows follows its inputs.
  if (record.installed !== null || found.installed !== null) {
    return found.installed === record.installed
      ? null
      : { reason: 'drifted', message: `redefined by somebody else since run ${record.run}` }
  }
  const recorded = record.dataVersion
  if (recorded === null) return null
  const isSamePlace = found.shape?.relation === record.shape?.relation
  const isSameToken = isSamePlace && found.token !== null && found.token === record.token
  switch (modeOfVersion(recorded)) {
    case 'token':
      if (found.token === null) return unsure('it may have moved, and nothing tells whether it did')
      return isSameToken ? null : written(record)
    case 'key':
    case 'new':
      // Its content is not looked at, by the user's choice; a token that moved is all that can tell.
      if (found.token === null || record.token === null) return null
      return isSameToken ? null : written(record)
  }
  if (found.version === recorded || (found.version === null && isSameToken)) return null
  if (found.version === null) return unsure('it may have moved, and its content was not looked at')
  if (schemeOf(found.version) === schemeOf(recorded)) return drifted(record, found.version)
  return isSameToken ? null : unsure('its content was hashed in another way and may have moved')
}

function gone(record: Materialization): Reason {
  return { reason: 'missing', message: `gone since run ${record.run} built it` }
}

function drifted(record: Materialization, version: Version): Reason {
  return {
    reason: 'drifted',
    ...(record.dataVersion === null ? {} : { from: record.dataVersion }),
    to: version,
    message: `changed by somebody else since run ${record.run}`,
  }
}

/** A token moves with every write, and our own is recorded. */
function written({ run }: Materialization): Reason {
  return { reason: 'drifted', message: `written to by somebody else since run ${run}` }
}

function unsure(message: string): Reason {
  return { reason: 'unknown', message }
}
