import type { Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import { moveOf } from '../model/place.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
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
import type { AssetFacts } from './world.ts'

const FRESH: Verdict = { state: 'fresh' }

/**
 * The verdict of an asset (SEMANTICS, "The two functions"). Pure: the same facts, inputs and `now`
 * give the same verdict for every verb. `shared`: a stale member of its unit, or null.
 */
export function decide(
  facts: AssetFacts,
  inputs: readonly Input[],
  now: number,
  shared: string | null,
): Verdict {
  const { asset, definition, journal } = facts
  if (journal?.phase.state === 'building') return { state: 'building', run: journal.run }
  if (definition?.form === 'external') return decideExternal(facts)
  if (definition?.form === 'ephemeral') return FRESH
  const reasons = certainReasons(facts, inputs, now)
  // Drift would be adopted without a call, but the call for the rest of the unit builds this one, too.
  const needsNoCall = reasons.length === 0 || isAdopted(asset, definition, reasons)
  if (shared !== null && needsNoCall) {
    reasons.push({ reason: 'shared', asset: shared, message: `built together with ${shared}` })
  }
  const stale = staleBecause(reasons)
  if (stale !== null) return stale
  const on = dataInputs(definition, inputs).filter(({ settled }) => settled.state === 'unsettled')
  return on.length === 0 ? FRESH : { state: 'pending', on: on.map((input) => input.name) }
}

/** Reasons that do not depend on unsettled inputs, among them `data` for each settled input that changed. */
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
    reasons.push({
      reason: 'unknown',
      message: 'its definition is not known yet; the next build reads it',
    })
    return reasons
  }
  // What is observed at the new place is not what the record is about.
  const drift =
    movedReason(record, definition) ?? driftReason(record, facts.observation, facts.lastObserved)
  if (drift !== null) reasons.push(interrupted === null ? drift : orByThatRun(drift, record))
  const code = codeReason(record, definition)
  if (code !== null) reasons.push(code)
  const deps = depsReason(record.inputs, inputs) ?? viewReason(definition, record, inputs)
  if (deps !== null) reasons.push(deps)
  const source = sourceReason(facts.observation)
  if (source !== null) reasons.push(source)
  const expired = isProvedUnmoved(facts.observation) ? null : expiredReason(facts, definition, now)
  if (expired !== null) reasons.push(expired)
  const known = new Set(reasons.map(({ reason, asset }) => `${reason} ${asset}`))
  for (const reason of dataReasons(record.inputs, dataInputs(definition, inputs))) {
    if (!known.has(`${reason.reason} ${reason.asset}`)) reasons.push(reason)
  }
  return reasons
}

/** A run that did not finish may have written what looks like a change from outside. */
function orByThatRun(drift: Reason, { run }: Materialization): Reason {
  if (drift.reason !== 'drifted') return drift
  return {
    ...drift,
    message: `changed since run ${run}, by the run that did not finish or outside assets`,
  }
}

/**
 * The inputs whose data decides. New data below a view asks for another view only if the SQL of the view, or
 * of an ephemeral that is inlined in it, is worked out from data (SEMANTICS 4c).
 */
function dataInputs(definition: Definition | null, inputs: readonly Input[]): readonly Input[] {
  if (definition?.form !== 'view' || definition.isRenderedFromData === true) return inputs
  return inputs.filter(({ isRenderedFromData }) => isRenderedFromData)
}

/**
 * A view is created against the relations, columns and inlined statements below it. When one of these
 * changes, the view must be replaced (SEMANTICS 4, 5); when data changes, it need not.
 */
function viewReason(
  definition: Definition,
  record: Materialization,
  inputs: readonly Input[],
): Reason | null {
  if (definition.form !== 'view') return null
  const recorded = new Map(record.inputs.map((input) => [input.name, input]))
  for (const { name, settled, inlined } of inputs) {
    const was = recorded.get(name)
    if (was === undefined) continue
    if (isInlinedOtherwise(was.shape, inlined)) {
      const message = `${name}, which is inlined in it, has other code or reads other relations`
      return { reason: 'deps', asset: name, message }
    }
    const shape = 'shape' in settled ? (settled.shape ?? null) : null
    const relation = shape?.relation ?? (settled.state === 'unsettled' ? settled.relation : null)
    if (relation == null) continue
    if (was.version === null) {
      const message = `the version of ${name} that it was built from is not known`
      return { reason: 'unknown', asset: name, message }
    }
    if (was.shape === null) continue
    if (relation !== was.shape.relation) {
      const message = `${name} is at another relation: ${was.shape.relation} → ${relation}`
      return { reason: 'deps', asset: name, message }
    }
    if (shape !== null && shape.columns !== was.shape.columns) {
      return { reason: 'deps', asset: name, message: `the columns of ${name} changed` }
    }
  }
  return null
}

/**
 * `missing`: it was built at another relation, or wrote other files, than its definition says (SEMANTICS
 * 27). No proof that nothing changed matters here: it is about the old place.
 */
function movedReason(record: Materialization, definition: Definition): Reason | null {
  const move = moveOf(record, definition)
  if (move === null) return null
  const message = `it belongs at ${move.to} now; run ${record.run} built it at ${move.from}`
  return { reason: 'missing', message }
}

/** `source`, or `unknown` for a source that could not answer. */
function sourceReason(observation: Observation | null): Reason | null {
  const probe = observation?.probe ?? { answer: 'not_asked' }
  switch (probe.answer) {
    case 'moved':
      return { reason: 'source', message: probe.message }
    case 'unknown':
      return { reason: 'unknown', message: probe.message }
    case 'unchanged':
    case 'not_asked':
      return null
  }
}

/** A proof that nothing changed counts more than an age. What a cursor tells is no proof. */
function isProvedUnmoved(observation: Observation | null): boolean {
  return observation?.probe.answer === 'unchanged' && observation.probe.asFarAs === undefined
}

function expiredReason(
  { asset, record }: AssetFacts,
  definition: Definition,
  now: number,
): Reason | null {
  const freshness = asset.policy.freshness ?? definition.freshness
  const message = freshness === undefined ? null : expiry(freshness, record!.startedAt, now)
  return message === null ? null : { reason: 'expired', message }
}

function decideExternal({ observation, lastObserved }: AssetFacts): Verdict {
  const seen = observation?.found
  const found = seen?.state ?? 'recorded'
  // Without a new observation the last one counts. It may have been "absent".
  switch (found === 'recorded' ? lastState(lastObserved) : found) {
    case 'recorded':
    case 'present':
      return FRESH
    case 'absent':
      return { state: 'stale', reasons: [{ reason: 'missing', message: 'it does not exist' }] }
    case 'replaced':
    case 'unreadable':
      return { state: 'stale', reasons: [{ reason: 'unknown', message: unreadable(seen) }] }
  }
}

function unreadable(found: Observation['found'] | undefined): string {
  const why = found?.state === 'unreadable' ? `: ${found.message}` : ''
  return `it can't be read${why}`
}

function lastState(last: RecordedObservation | null): Observation['found']['state'] {
  if (last === null || !last.present) return 'absent'
  return last.version === null ? 'unreadable' : 'recorded'
}
