import type { RecordedObservation } from '../model/record.ts'
import type { Verdict } from '../model/verdict.ts'
import { isOlder, keyVersion, newVersion, type Settled } from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { AssetFacts } from './asset-facts.ts'
import { inlinedShape } from './inlined.ts'
import type { Input } from './reasons.ts'
import type { Request } from './world.ts'

const UNSETTLED: Settled = { state: 'unsettled' }
const UNKNOWN: Settled = { state: 'unknown' }
const ABSENT: Settled = { state: 'absent' }

/** What settling needs to know of the command. */
export interface Settling extends Pick<Request, 'now' | 'purpose'> {
  /**
   * A verdict other than fresh will be acted on in this run, so the version will be known later;
   * outside the run an asset counts at what is observed there (SEMANTICS 7).
   */
  readonly inRun: boolean
  /** The hash of its statement, for an ephemeral. */
  readonly inlined: string | null
  /** The version of a view under a key. */
  readonly remembered: (key: string) => string | undefined
}

/** The version that readers of an asset see now. Pure. */
export function settle(
  facts: AssetFacts,
  verdict: Verdict,
  inputs: readonly Input[],
  how: Settling,
): Settled {
  const { asset, definition, record } = facts
  if (asset.kind === 'external') return settleExternal(facts, how)
  if (definition?.form === 'ephemeral') {
    const key = keyed(definition.codeVersion, inputs)
    return key.state === 'settled' && how.inlined !== null
      ? { ...key, shape: inlinedShape(how.inlined, inputs) }
      : key
  }
  if (verdict.state !== 'fresh') return how.inRun ? UNSETTLED : asObserved(facts, inputs)
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
      const version = isNew(how) ? newVersion(how.now) : how.remembered(key.version)
      // What was remembered before it was built again in a run that never ended is not what it shows.
      const isKnown = version !== undefined && !isOlder(version, record.dataVersion)
      return isKnown ? { state: 'settled', version, shape: record.shape } : UNKNOWN
    }
    case 'content': {
      const version = how.remembered(key.version)
      return version === undefined
        ? { state: 'unsettled', shape: record.shape }
        : { state: 'settled', version, shape: record.shape }
    }
  }
}

/**
 * `always_new` means new in each run that it is part of, not at each look (SEMANTICS 21). A table is new
 * when it is built, and what is not built here, a view's data or an external, in each run.
 */
function isNew(how: Settling): boolean {
  return how.inRun && how.purpose !== 'look'
}

/**
 * The key of a virtual asset: its code version as installed and the versions of its inputs. Absent,
 * unsettled or unknown as soon as one of them is (SEMANTICS 3).
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

function settleExternal(
  { asset, definition, observation, lastObserved }: AssetFacts,
  how: Settling,
): Settled {
  const mode = definition === null ? 'content' : modeOf(asset, definition)
  const found = observation?.found ?? { state: 'recorded' }
  const isAlwaysNew = mode === 'always_new'
  switch (found.state) {
    case 'absent':
      return ABSENT
    case 'unreadable':
      return UNKNOWN
    case 'recorded': {
      if (lastObserved === null || !lastObserved.present) return ABSENT
      // Nobody looked, or nothing moved: neither makes it any older.
      const isNewNow = isAlwaysNew && isNew(how) && observation !== null
      return isNewNow
        ? { state: 'settled', version: newVersion(how.now), shape: lastObserved.shape }
        : asSeen(lastObserved)
    }
    case 'present': {
      if (isAlwaysNew && !isNew(how)) {
        // Not new at each look; but what was written to since the last run is.
        const isAsSeen =
          lastObserved !== null && found.token !== null && found.token === lastObserved.token
        return isAsSeen ? asSeen(lastObserved) : UNKNOWN
      }
      const { version: content, token, shape } = found
      const version = versionBy(mode, { content, token, shape }, UNKNOWN, how.now)
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
  const found = observation?.found
  if (found === undefined || found.state === 'unreadable') return UNKNOWN
  if (found.state === 'absent') return ABSENT
  if (definition === null) return UNKNOWN
  const mode = modeOf(asset, definition)
  // A key says what something was made of: when it is not fresh, nobody can see that there.
  const isUnseen = mode === 'derived' || mode === 'always_new'
  if (definition.form === 'view' || isUnseen) return laterOrUnknown(inputs)
  if (found.state === 'present') {
    const { version: content, token, shape } = found
    const version = versionBy(mode, { content, token, shape }, UNKNOWN, 0)
    return version === null ? UNKNOWN : { state: 'settled', version, shape }
  }
  // What was a view when it was recorded shows what is below it now.
  return record === null || record.dataVersion === null || record.installed !== null
    ? UNKNOWN
    : { state: 'settled', version: record.dataVersion, shape: record.shape }
}

/** Whether its key can be known hangs on inputs that this run still builds. */
function laterOrUnknown(inputs: readonly Input[]): Settled {
  return inputs.some(({ settled }) => settled.state === 'unsettled') ? UNSETTLED : UNKNOWN
}
