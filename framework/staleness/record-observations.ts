import type { Found } from '../model/observation.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import { definitionVersion, modeOfVersion, newVersion } from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Change } from '../ports/state.ts'
import { asRecorded, driftReason } from './drift.ts'
import { factsOf } from './fold.ts'
import type { Gathered } from './gather.ts'
import type { Request, World } from './world.ts'

type Noted = Omit<RecordedObservation, 'at'>
type Present = Extract<Found, { state: 'present' }>

const GONE: Noted = { version: null, shape: null, token: null, present: false }
const UNSURE: Noted = { version: null, shape: null, token: null, present: true }

/**
 * What was observed, to be recorded, so that offline never says fresh where online would not
 * (SEMANTICS 9). `run`: the request of a run; none for a look, in which nothing is new.
 */
export function observationChanges(gathered: Gathered, run: Request | null = null): Change[] {
  const { world, positions } = gathered
  const changes: Change[] = [...positions].map(([asset, source]) => ({
    change: 'position',
    asset,
    source,
  }))
  for (const [name, { at }] of world.observations) {
    const noted = isExternal(world, name) ? external(world, name, run) : built(world, name)
    if (noted !== null) changes.push({ change: 'observed', name, observation: { ...noted, at } })
  }
  return changes
}

function isExternal(world: World, name: string): boolean {
  return world.assets.get(name)?.kind === 'external'
}

/** An external has no other record than what was seen last. */
function external(world: World, name: string, run: Request | null): Noted | null {
  const { asset, definition, observation, lastObserved: before } = factsOf(world, name)
  const { found } = observation!
  const mode = definition === null ? 'content' : modeOf(asset, definition)
  const isNew = mode === 'always_new' && (run?.inRun(world.graph.indexOf(name)!) ?? false)
  switch (found.state) {
    case 'recorded':
      return isNew && before?.present ? { ...before, version: newVersion(run!.now) } : null
    case 'absent':
      return GONE
    case 'unreadable':
      return UNSURE
    case 'present': {
      const { shape, token } = found
      if (mode === 'always_new') {
        const isAsSeen = before?.present === true && token !== null && token === before.token
        const version = isNew ? newVersion(run!.now) : null
        return isAsSeen && !isNew ? null : { version, shape, token, present: true }
      }
      const seen = { content: found.version, token, shape }
      const version = versionBy(mode, seen, { state: 'unknown' }, 0)
      return { version, shape, token, present: true }
    }
  }
}

/** It was written to, and its content is what it was: whoever looks next need not read it for that. */
function isSameAgain({ dataVersion, token }: Materialization, found: Found): found is Present {
  if (found.state !== 'present' || found.version !== dataVersion) return false
  return (
    dataVersion !== null &&
    modeOfVersion(dataVersion) === 'content' &&
    found.token !== null &&
    found.token !== token
  )
}

/** Of what we build, only what speaks against the record, and that it no longer does. */
function built(world: World, name: string): Noted | null {
  const { record, observation, lastObserved } = factsOf(world, name)
  if (record === null) return null
  const { found, probe } = observation!
  const reason = driftReason(record, observation, null)
  if (reason === null) {
    if (probe.answer === 'moved' || probe.answer === 'unknown') return UNSURE
    if (isSameAgain(record, found)) {
      const { version, shape, token } = found
      return { version, shape, token, present: true }
    }
    return lastObserved === null ? null : { ...UNSURE, version: asRecorded(record) }
  }
  if (found.state === 'absent') return GONE
  if (found.state !== 'present' || reason.reason === 'unknown') return UNSURE
  const { version, shape, token, installed } = found
  return { version: version ?? definitionVersion(installed), shape, token, present: true }
}
