import type { Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { AssetFacts } from './asset-facts.ts'
import { driftReason } from './drift.ts'
import { expiry } from './freshness.ts'
import { isAdopted } from './full-refresh.ts'
import { isInlinedOtherwise } from './inlined.ts'
import {
  codeReason,
  dataReasons,
  depsReason,
  forcedReason,
  type Input,
  journalReason,
  staleBecause,
} from './reasons.ts'

const FRESH: Verdict = { state: 'fresh' }

/**
 * The one decision (SEMANTICS, "The two functions"). Pure: the same facts, inputs and `now` give the
 * same verdict, whichever verb asks. `shared` is the name of a member of its unit that is stale.
 */
export function decide(
  facts: AssetFacts,
  inputs: readonly Input[],
  now: number,
  shared: string | null,
): Verdict {
  if (facts.journal?.phase.state === 'building') {
    return { state: 'building', run: facts.journal.run }
  }
  if (facts.asset.kind === 'external') return decideExternal(facts)
  if (facts.definition?.form === 'ephemeral') return FRESH
  const reasons = certainReasons(facts, inputs, now)
  // Drift would be adopted, were it not that the call for the others builds this one too.
  const { asset, definition } = facts
  const needsNoCall = reasons.length === 0 || isAdopted(asset, definition, reasons)
  if (shared !== null && needsNoCall) {
    reasons.push({ reason: 'shared', asset: shared, message: `built together with ${shared}` })
  }
  const stale = staleBecause(reasons)
  if (stale !== null) return stale
  // A virtual asset is never rebuilt because data moved under it, so it has nothing to wait for.
  if (facts.definition?.form === 'view') return FRESH
  const on = inputs.filter((input) => input.settled.state === 'unsettled')
  return on.length === 0 ? FRESH : { state: 'pending', on: on.map((input) => input.name) }
}

/** Whatever the inputs turn out to be, plus `data` for those inputs that are settled. */
function certainReasons(facts: AssetFacts, inputs: readonly Input[], now: number): Reason[] {
  const { definition, record, journal, forced } = facts
  const reasons: Reason[] = []
  if (forced !== null) reasons.push(forcedReason(forced))
  const interrupted = journal === null ? null : journalReason(journal)
  if (interrupted !== null) reasons.push(interrupted)
  if (record === null) {
    reasons.push({ reason: 'missing', message: 'never built' })
    return reasons
  }
  if (definition === null) {
    reasons.push({ reason: 'unknown', message: 'its code can only be read by the next build' })
    return reasons
  }
  const found = driftReason(record, facts.observation, facts.lastObserved)
  if (found !== null) reasons.push(found)
  const code = codeReason(record, definition)
  if (code !== null) reasons.push(code)
  const deps = depsReason(record.inputs, inputs) ?? writtenAgainst(definition, record, inputs)
  if (deps !== null) reasons.push(deps)
  const source = sourceReason(facts, definition, record, now)
  if (source !== null) reasons.push(source)
  if (definition.form !== 'view') reasons.push(...dataReasons(record.inputs, inputs))
  return reasons
}

/**
 * A view shows what it was written against: other relations, columns or inlined statements below it
 * ask for a new one (SEMANTICS 4, 5), while other data does not.
 */
function writtenAgainst(
  definition: Definition,
  record: Materialization,
  inputs: readonly Input[],
): Reason | null {
  if (definition.form !== 'view') return null
  const before = new Map(record.inputs.map((input) => [input.name, input]))
  for (const { name, settled, inlined } of inputs) {
    const was = before.get(name)
    if (was === undefined) continue
    if (isInlinedOtherwise(was.shape, inlined)) {
      return { reason: 'deps', asset: name, message: `${name} stands in it with other code` }
    }
    const shape = 'shape' in settled ? settled.shape : null
    if (shape == null) continue
    if (was.version === null) {
      const message = `what ${name} was when it was built is not known`
      return { reason: 'unknown', asset: name, message }
    }
    if (was.shape === null) continue
    if (shape.relation !== was.shape.relation) {
      return { reason: 'deps', asset: name, message: `${name} is another relation now` }
    }
    if (shape.columns !== was.shape.columns) {
      return { reason: 'deps', asset: name, message: `${name} has other columns now` }
    }
  }
  return null
}

/** `source`, `expired`, or `unknown` for a source that could not answer. */
function sourceReason(
  facts: AssetFacts,
  definition: Definition,
  record: Materialization,
  now: number,
): Reason | null {
  const probe = facts.observation?.probe ?? { answer: 'not_asked' }
  if (probe.answer === 'moved') return { reason: 'source', message: probe.message }
  if (probe.answer === 'unknown') return { reason: 'unknown', message: probe.message }
  // Freshness is for what can't be asked: proof that nothing moved is better than any age.
  if (probe.answer === 'unchanged') return null
  const freshness = facts.asset.policy.freshness ?? definition.freshness
  if (freshness === undefined) return null
  const expired = expiry(freshness, record.startedAt, now)
  return expired === null ? null : { reason: 'expired', message: expired }
}

function decideExternal({ observation, lastObserved }: AssetFacts): Verdict {
  const found = observation?.found.state ?? 'recorded'
  // As it was seen last, be it nobody looked or that nothing moved since: it may have been missing.
  switch (found === 'recorded' ? stateSeen(lastObserved) : found) {
    case 'recorded':
    case 'present':
      return FRESH
    case 'absent':
      return { state: 'stale', reasons: [{ reason: 'missing', message: 'not there' }] }
    case 'unreadable':
      return { state: 'stale', reasons: [{ reason: 'unknown', message: "can't be read" }] }
  }
}

function stateSeen(seen: RecordedObservation | null): Observation['found']['state'] {
  if (seen === null || !seen.present) return 'absent'
  return seen.version === null ? 'unreadable' : 'recorded'
}
