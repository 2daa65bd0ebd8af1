import type { Asset } from '../model/asset.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import type {
  CheckResult,
  JournalEntry,
  Mark,
  Materialization,
  RecordedObservation,
} from '../model/record.ts'
import type { Reason, ReasonName, Verdict } from '../model/verdict.ts'
import { schemeOf } from '../model/version.ts'
import { expiry } from './freshness.ts'
import {
  codeReason,
  dataReasons,
  depsReason,
  type Input,
  journalReason,
  staleBecause,
} from './reasons.ts'

/** All that is known of one asset, apart from its inputs. */
export interface AssetFacts {
  readonly asset: Asset
  /** null while it is not known yet (dbt's project was not read). */
  readonly definition: Definition | null
  readonly record: Materialization | null
  readonly journal: JournalEntry | null
  readonly mark: Mark | null
  /** What was found now; null when nobody looked. */
  readonly observation: Observation | null
  /** What was found last, when that was after the record. */
  readonly seen: RecordedObservation | null
}

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
  if (shared !== null && reasons.length === 0) {
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
  const { definition, record, journal, mark } = facts
  const reasons: Reason[] = []
  if (mark !== null) {
    const message = mark === 'forced' ? 'asked for with --force' : 'asked for with --full-refresh'
    reasons.push({ reason: 'forced', message })
  }
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
  const found = foundReason(facts, record)
  if (found !== null) reasons.push(found)
  const code = codeReason(record, definition)
  if (code !== null) reasons.push(code)
  const deps = depsReason(record.inputs, inputs) ?? shapeReason(definition, record, inputs)
  if (deps !== null) reasons.push(deps)
  const source = sourceReason(facts, definition, record, now)
  if (source !== null) reasons.push(source)
  if (definition.form !== 'view') reasons.push(...dataReasons(record.inputs, inputs))
  return reasons
}

/** `missing`, `drifted`, `unknown`: what is there is not what the record says. */
function foundReason(facts: AssetFacts, record: Materialization): Reason | null {
  const { observation, seen } = facts
  if (observation === null) {
    if (seen === null || seen.at < record.finishedAt) return null
    if (!seen.present)
      return { reason: 'missing', message: `gone since run ${record.run} built it` }
    if (seen.version === null || seen.version === record.dataVersion) return null
    return drifted(record, seen.version)
  }
  const { found } = observation
  switch (found.state) {
    case 'recorded':
      return null
    case 'absent':
      return { reason: 'missing', message: `gone since run ${record.run} built it` }
    case 'unreadable':
      return { reason: 'unknown', message: `can't be read: ${found.message}` }
    case 'present': {
      if (record.installed !== null && found.installed !== null) {
        // A view: its definition is what a hand can change; what it shows follows its inputs.
        return found.installed === record.installed
          ? null
          : { reason: 'drifted', message: `redefined by somebody else since run ${record.run}` }
      }
      if (record.dataVersion === null) return null
      if (found.version === null) {
        return {
          reason: 'unknown',
          message: 'it may have moved, and its content was not looked at',
        }
      }
      if (found.version === record.dataVersion) return null
      if (schemeOf(found.version) !== schemeOf(record.dataVersion)) {
        return {
          reason: 'unknown',
          message: 'its content was hashed in another way and may have moved',
        }
      }
      return drifted(record, found.version)
    }
  }
}

function drifted(record: Materialization, version: string): Reason {
  return {
    reason: 'drifted',
    ...(record.dataVersion === null ? {} : { from: record.dataVersion }),
    to: version,
    message: `changed by somebody else since run ${record.run}`,
  }
}

/** A view shows the columns it was compiled against; other ones below it ask for a new view (SEMANTICS 4). */
function shapeReason(
  definition: Definition,
  record: Materialization,
  inputs: readonly Input[],
): Reason | null {
  if (definition.form !== 'view') return null
  const before = new Map(record.inputs.map((input) => [input.name, input.shape]))
  for (const { name, settled } of inputs) {
    const was = before.get(name)
    if (
      settled.state !== 'settled' ||
      settled.shape === null ||
      was === undefined ||
      was === null
    ) {
      continue
    }
    if (settled.shape.relation !== was.relation) {
      return { reason: 'deps', asset: name, message: `${name} is another relation now` }
    }
    if (settled.shape.columns !== was.columns) {
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
  const fallback = probe.answer === 'not_asked' ? definition.freshness : undefined
  const freshness = facts.asset.policy.freshness ?? fallback
  if (freshness === undefined) return null
  const expired = expiry(freshness, record.startedAt, now)
  return expired === null ? null : { reason: 'expired', message: expired }
}

function decideExternal({ observation, seen }: AssetFacts): Verdict {
  const state =
    observation?.found.state ?? (seen === null ? 'absent' : seen.present ? 'recorded' : 'absent')
  switch (state) {
    case 'recorded':
    case 'present':
      return FRESH
    case 'absent':
      return { state: 'stale', reasons: [{ reason: 'missing', message: 'not there' }] }
    case 'unreadable':
      return { state: 'stale', reasons: [{ reason: 'unknown', message: "can't be read" }] }
  }
}

/** The same decision for a check: a node without data whose record is a fact about versions. */
export function decideCheck(
  check: Check,
  result: CheckResult | null,
  journal: JournalEntry | null,
  inputs: readonly Input[],
): Verdict {
  const reasons: Reason[] = []
  if (result === null) reasons.push({ reason: 'unchecked', message: 'never run' })
  else {
    const code = codeReason(result, check)
    if (code !== null) reasons.push(code)
    if (!check.codeOnly) {
      const deps = depsReason(result.inputs, inputs)
      if (deps !== null) reasons.push(deps)
      reasons.push(...dataReasons(result.inputs, inputs))
    }
    if (check.clock) {
      reasons.push({ reason: 'expired', message: 'it names the clock, so it runs every time' })
    }
    if (result.outcome === 'fail') {
      const failures = result.failures === null ? '' : ` (${result.failures} rows)`
      reasons.push({
        reason: 'failed',
        check: check.name,
        message: `failed in run ${result.run}${failures}`,
      })
    }
  }
  const interrupted = journal === null ? null : journalReason(journal)
  if (interrupted !== null && reasons.every((reason) => reason.reason !== 'unchecked')) {
    reasons.push(interrupted)
  }
  const stale = staleBecause(reasons)
  if (stale !== null) return stale
  const on = check.codeOnly ? [] : inputs.filter((input) => input.settled.state === 'unsettled')
  return on.length === 0 ? FRESH : { state: 'pending', on: on.map((input) => input.name) }
}

/**
 * Whether a build starts from nothing or on top of its own content (SEMANTICS 10), so that an edit by
 * hand is never laundered into a record.
 */
export function buildsInFull(facts: AssetFacts, reasons: readonly Reason[]): boolean {
  const accumulates = facts.definition?.accumulates ?? 'no'
  if (accumulates === 'no') return true
  if (accumulates === 'snapshot') return false
  if (facts.mark === 'full_refresh') return true
  // A table without a record is continued, not dropped.
  if (facts.record === null) return facts.observation?.found.state !== 'present'
  const asRecorded =
    facts.observation?.found.state === 'recorded' ||
    (facts.observation?.found.state === 'present' &&
      facts.observation.found.version !== null &&
      facts.observation.found.version === facts.record.dataVersion)
  return reasons.some(({ reason }) => asksForFullBuild(reason, facts.asset, asRecorded))
}

function asksForFullBuild(reason: ReasonName, asset: Asset, asRecorded: boolean): boolean {
  switch (reason) {
    case 'missing':
    case 'deps':
    case 'drifted':
      return true
    case 'code':
      return asset.policy.onCode === 'full_refresh'
    case 'interrupted':
    case 'failed':
      return !asRecorded
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
