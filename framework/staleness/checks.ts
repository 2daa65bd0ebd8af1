import type { Check } from '../model/definition.ts'
import type { CheckResult } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { waiver } from './check-waivers.ts'
import {
  codeReason,
  dataReasons,
  depsReason,
  forcedReason,
  type Input,
  journalReason,
  staleBecause,
} from './reasons.ts'
import type { CheckFacts, Request } from './world.ts'

/**
 * The verdict of a check: a node without data, whose record is a result for the versions that it read
 * (SEMANTICS 17). Pure. `waiting` depends on the verdicts of the inputs: `decideOne` adds it.
 */
export function decideCheck(
  facts: CheckFacts,
  inputs: readonly Input[],
  purpose: Request['purpose'],
): Verdict {
  const { check, result, journal, forced } = facts
  if (journal?.phase.state === 'building') return { state: 'building', run: journal.run }
  const reasons: Reason[] = []
  if (forced !== null) reasons.push(forcedReason(forced))
  const interrupted = journal === null ? null : journalReason(journal)
  if (interrupted !== null) reasons.push(interrupted)
  if (result === null) reasons.push({ reason: 'unchecked', message: 'never run' })
  else reasons.push(...resultReasons(check, result, inputs, purpose))
  const stale = staleBecause(reasons)
  if (stale !== null) return stale
  const on = check.codeOnly ? [] : inputs.filter((input) => input.settled.state === 'unsettled')
  return on.length === 0
    ? { state: 'fresh' }
    : { state: 'pending', on: on.map((input) => input.name) }
}

function resultReasons(
  check: Check,
  result: CheckResult,
  inputs: readonly Input[],
  purpose: Request['purpose'],
): readonly Reason[] {
  const reasons: Reason[] = []
  const code = codeReason(result, check)
  if (code !== null) reasons.push(code)
  if (!check.codeOnly) {
    const deps = depsReason(result.inputs, inputs)
    if (deps !== null) reasons.push(deps)
    reasons.push(...dataReasons(result.inputs, inputs))
  }
  if (check.clock && purpose !== 'look') {
    reasons.push({
      reason: 'expired',
      message: 'it depends on the current time, so it runs in every run',
    })
  }
  if (result.outcome === 'fail') {
    const rows = result.failures === null ? '' : ` (${result.failures} rows)`
    const waived = waiver(check)
    const message = `failed in run ${result.run}${rows}${waived && `; it ${waived}`}`
    reasons.push({ reason: 'failed', check: check.name, message })
  }
  return reasons
}
