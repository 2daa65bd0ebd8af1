import type { Definition } from '../model/definition.ts'
import { moveOf } from '../model/place.ts'
import type { RecordedObservation } from '../model/record.ts'
import type { Verdict } from '../model/verdict.ts'
import {
  isOlder,
  keyVersion,
  newSince,
  newVersion,
  type Settled,
  type Version,
} from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import { inlinedShape } from './inlined.ts'
import type { Input } from './reasons.ts'
import type { AssetFacts, Request } from './world.ts'

const UNSETTLED: Settled = { state: 'unsettled' }
const UNKNOWN: Settled = { state: 'unknown' }
const ABSENT: Settled = { state: 'absent' }

/** What `settle` needs to know of the command. */
export interface Settling extends Pick<Request, 'now' | 'purpose'> {
  /**
   * In the run, an asset that is not fresh is built, so its version will be known later. Outside the
   * run it counts at the version that is observed (SEMANTICS 7).
   */
  readonly inRun: boolean
  /** The hash of the statement that an ephemeral is inlined as. */
  readonly inlined: string | null
  /** The content versions of a view, by key. */
  readonly remembered: ReadonlyMap<string, Version>
}

/** The version that readers of an asset see now (SEMANTICS, "The two functions"). Pure. */
export function settle(
  facts: AssetFacts,
  verdict: Verdict,
  inputs: readonly Input[],
  how: Settling,
): Settled {
  const { asset, definition, record } = facts
  if (definition?.form === 'external') return settleExternal(facts, how)
  if (definition?.form === 'ephemeral') {
    const key = keyed(definition.codeVersion, inputs)
    return key.state === 'settled' && how.inlined !== null
      ? { ...key, shape: inlinedShape(how.inlined, inputs) }
      : key
  }
  if (verdict.state !== 'fresh') {
    return how.inRun ? unsettled(verdict, definition) : asObserved(facts, inputs)
  }
  if (record === null || definition === null) return UNKNOWN
  if (definition.form !== 'view') {
    return record.dataVersion === null
      ? UNKNOWN
      : { state: 'settled', version: record.dataVersion, shape: record.shape }
  }
  const key = keyed(record.codeVersion, inputs)
  if (key.state !== 'settled') return key
  switch (modeOf(asset, definition)) {
    case 'derived':
    case 'change_token':
      return { ...key, shape: record.shape }
    case 'always_new': {
      const version = isNew(how)
        ? newVersion(sinceOf(facts, how.remembered, how.now))
        : how.remembered.get(key.version)
      // A version remembered before an unfinished run built the view again is out of date.
      const isKnown = version !== undefined && !isOlder(version, record.dataVersion)
      return isKnown ? { state: 'settled', version, shape: record.shape } : UNKNOWN
    }
    case 'content': {
      const version = how.remembered.get(key.version)
      return version === undefined
        ? { state: 'unsettled', shape: record.shape }
        : { state: 'settled', version, shape: record.shape }
    }
  }
}

/** An asset that is certain to be built will be at the relation of its definition. */
function unsettled(verdict: Verdict, definition: Definition | null): Settled {
  const relation = definition?.relation ?? null
  return verdict.state === 'stale' && relation !== null
    ? { state: 'unsettled', relation }
    : UNSETTLED
}

/**
 * `always_new` means new in each run that the asset is part of, not at each observation
 * (SEMANTICS 21). A table is new when it is built; a view's data and an external are new in each run.
 */
function isNew(how: Settling): boolean {
  return how.inRun && how.purpose !== 'look'
}

/**
 * The key of a virtual asset: its installed code version and the versions of its inputs. Absent,
 * unsettled or unknown if one of the inputs is (SEMANTICS 3).
 */
export function keyed(codeVersion: string, inputs: readonly Input[]): Settled {
  const parts: string[] = [codeVersion]
  let worst: Settled | null = null
  for (const { name, settled } of inputs) {
    if (settled.state === 'absent') return ABSENT
    if (settled.state === 'settled') parts.push(name, settled.version)
    else if (worst !== UNSETTLED) worst = settled.state === 'unsettled' ? UNSETTLED : UNKNOWN
  }
  return worst ?? { state: 'settled', version: keyVersion(...parts), shape: null }
}

/** The number of the version that an `always_new` asset has in the run that starts at `now`. */
export function sinceOf(
  { record, lastObserved }: Pick<AssetFacts, 'record' | 'lastObserved'>,
  remembered: ReadonlyMap<string, Version>,
  now: number,
): number {
  return newSince(now, [record?.dataVersion, lastObserved?.version, ...remembered.values()])
}

function settleExternal(facts: AssetFacts, how: Settling): Settled {
  const { asset, definition, observation, lastObserved } = facts
  const since = () => sinceOf(facts, how.remembered, how.now)
  const mode = definition === null ? 'content' : modeOf(asset, definition)
  const found = observation?.found ?? { state: 'recorded' }
  const isAlwaysNew = mode === 'always_new'
  switch (found.state) {
    case 'absent':
      return ABSENT
    case 'replaced':
    case 'unreadable':
      return UNKNOWN
    case 'recorded': {
      if (lastObserved === null || !lastObserved.present) return ABSENT
      // It was not observed, or did not change: its last version counts.
      const isNewNow = isAlwaysNew && isNew(how) && observation !== null
      return isNewNow
        ? { state: 'settled', version: newVersion(since()), shape: lastObserved.shape }
        : asSeen(lastObserved)
    }
    case 'present': {
      if (isAlwaysNew && !isNew(how)) {
        // Observing it does not make it new, but a write since the last run does.
        const isAsSeen =
          lastObserved !== null && found.token !== null && found.token === lastObserved.token
        return isAsSeen ? asSeen(lastObserved) : UNKNOWN
      }
      const { version: content, token, shape } = found
      const version = versionBy(mode, { content, token, shape }, UNKNOWN, since())
      return version === null ? UNKNOWN : { state: 'settled', version, shape }
    }
  }
}

function asSeen({ version, shape }: RecordedObservation): Settled {
  return version === null ? UNKNOWN : { state: 'settled', version, shape }
}

function asObserved(
  { asset, observation, record, definition }: AssetFacts,
  inputs: readonly Input[],
): Settled {
  // Its definition will be known later in this run, and its version with it.
  if (definition === null) return UNSETTLED
  const found = observation?.found
  if (found === undefined || found.state === 'unreadable' || found.state === 'replaced') {
    return UNKNOWN
  }
  if (found.state === 'absent') return ABSENT
  const mode = modeOf(asset, definition)
  // The warehouse does not show what an asset that is not fresh was built from.
  const isUnseen = mode === 'derived' || mode === 'always_new'
  if (definition.form === 'view' || isUnseen) return laterOrUnknown(inputs)
  if (found.state === 'present') {
    const { version: content, token, shape } = found
    const version = versionBy(mode, { content, token, shape }, UNKNOWN, 0)
    return version === null ? UNKNOWN : { state: 'settled', version, shape }
  }
  // A proof that nothing changed is about the place of the record, where this asset is no more.
  if (record !== null && moveOf(record, definition) !== null) return UNKNOWN
  // A record of a view has no data: the view shows its inputs as they are now. One of files has a token.
  const isView = record !== null && record.installed !== null && record.token === null
  return record === null || record.dataVersion === null || isView
    ? UNKNOWN
    : { state: 'settled', version: record.dataVersion, shape: record.shape }
}

/** A key can be known later if this run still builds one of the inputs. */
function laterOrUnknown(inputs: readonly Input[]): Settled {
  return inputs.some(({ settled }) => settled.state === 'unsettled') ? UNSETTLED : UNKNOWN
}
