import { hash } from '../lib/hash.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import type { AssetFacts } from './decide.ts'
import type { Input } from './reasons.ts'

const UNSETTLED: Settled = { state: 'unsettled' }
const UNKNOWN: Settled = { state: 'unknown' }
const ABSENT: Settled = { state: 'absent' }

/**
 * The version that readers of an asset see now. Pure. `inRun` says that a verdict other than fresh
 * will be acted on in this run, so the version will be known later; outside the run an asset counts
 * at what is observed there (SEMANTICS 7). `remembered` gives the content of a view under a key.
 */
export function settle(
  facts: AssetFacts,
  verdict: Verdict,
  inputs: readonly Input[],
  inRun: boolean,
  remembered: (key: string) => string | undefined,
): Settled {
  const { definition, record } = facts
  if (facts.asset.kind === 'external') return settleExternal(facts)
  if (definition?.form === 'ephemeral') return keyed(definition.codeVersion, inputs)
  if (verdict.state !== 'fresh') return inRun ? UNSETTLED : asObserved(facts)
  if (record === null || definition === null) return UNKNOWN
  if (definition.form !== 'view') {
    return record.dataVersion === null
      ? UNKNOWN
      : { state: 'settled', version: record.dataVersion, shape: record.shape }
  }
  const key = keyed(record.codeVersion, inputs)
  if (key.state !== 'settled') return key
  if (definition.dataVersion === 'derived') return { ...key, shape: record.shape }
  const version = remembered(key.version)
  return version === undefined ? UNSETTLED : { state: 'settled', version, shape: record.shape }
}

/**
 * The key of a virtual asset: its code version as installed and the versions of its inputs. Unsettled
 * or unknown as soon as one of them is (SEMANTICS 3).
 */
export function keyed(codeVersion: string, inputs: readonly Input[]): Settled {
  const parts: string[] = [codeVersion]
  let worst: Settled | null = null
  for (const { name, settled } of inputs) {
    if (settled.state === 'settled') parts.push(name, settled.version)
    else if (worst === null || settled.state === 'unsettled') worst = settled
  }
  if (worst !== null) return worst.state === 'absent' ? UNKNOWN : worst
  return { state: 'settled', version: `k:${hash(...parts)}`, shape: null }
}

function settleExternal({ observation, seen }: AssetFacts): Settled {
  if (observation === null || observation.found.state === 'recorded') {
    if (seen === null || !seen.present) return ABSENT
    return seen.version === null
      ? UNKNOWN
      : { state: 'settled', version: seen.version, shape: seen.shape }
  }
  const { found } = observation
  switch (found.state) {
    case 'absent':
      return ABSENT
    case 'unreadable':
      return UNKNOWN
    case 'present':
      return found.version === null
        ? UNKNOWN
        : { state: 'settled', version: found.version, shape: found.shape }
  }
}

function asObserved({ observation, record, journal, definition }: AssetFacts): Settled {
  const found = observation?.found
  if (found === undefined || found.state === 'unreadable') return UNKNOWN
  if (found.state === 'absent') return ABSENT
  // A virtual asset that is not fresh has no key that can be trusted.
  if (definition === null || definition.form === 'view') return UNKNOWN
  if (found.state === 'present') {
    return found.version === null
      ? UNKNOWN
      : { state: 'settled', version: found.version, shape: found.shape }
  }
  return record === null || record.dataVersion === null || journal !== null
    ? UNKNOWN
    : { state: 'settled', version: record.dataVersion, shape: record.shape }
}
