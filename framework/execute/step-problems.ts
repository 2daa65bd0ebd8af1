import { formatDuration } from '../lib/duration.ts'
import type { Check } from '../model/definition.ts'
import type { Problem } from '../model/problem.ts'
import type { StepReport } from '../ports/batch.ts'
import { waiver } from '../staleness/check-waivers.ts'
import type { RunState } from './run-state.ts'

/** A step that took longer than its `timeout:`, and by how much, in milliseconds. */
export interface TimedOut {
  readonly limit: number
  readonly used: number
}

/** The problem of a step that was ended because it took too long. `report` is its kind's last word. */
export function tookTooLong(
  runState: RunState,
  index: number,
  { limit, used }: TimedOut,
  report: Extract<StepReport, { readonly step: 'failed' | 'cancelled' }>,
): Problem {
  const { name, file, policy } = runState.world.assets.get(runState.name(index))!
  const detail = report.step === 'failed' ? report.problem.detail : report.detail
  return {
    code: 'timeout',
    message: `${name} was stopped after ${formatDuration(used)}: its timeout is ${formatDuration(limit)}`,
    at: { file, path: ['assets', name, 'timeout'] },
    ...(detail === undefined || detail === '' ? {} : { detail }),
    hint: 'raise `timeout:`, or see why it takes so long',
    asset: name,
    ...(policy.retries === null ? {} : { transient: true }),
  }
}

/** A kind returned without a word about a step: a bug of the kind, or of what it calls. */
export function noOutcome(name: string): Problem {
  return {
    code: 'no-outcome',
    message: `${name} was asked for and nothing was heard of it`,
    hint: 'run the same command again; if it stays so, report it as a bug',
    asset: name,
  }
}

/**
 * What is said before a build replaces what somebody else made of an asset; null when it doesn't. A unit is
 * loaded by somebody else too, who goes on from what is there.
 */
export function undoesDrift(runState: RunState, index: number): string | null {
  const verdict = runState.verdict[index]!
  if (runState.world.definitions.get(runState.name(index))?.unit != null) return null
  const drifted =
    verdict.state === 'stale' && verdict.reasons.find(({ reason }) => reason === 'drifted')
  if (!drifted) return null
  return `${runState.name(index)} was ${drifted.message}; it is built again, which undoes that`
}

/** What a kind told of a failed check, or that it failed at least, and whether anything waits for it. */
export function failedCheck(check: Check, failures: number | null, told: Problem | null): Problem {
  const rows = failures === null ? '' : `: ${failures} rows`
  const problem = told ?? {
    code: 'check-failed',
    message: `check ${check.name} failed${rows}`,
    asset: check.name,
  }
  return check.waivedBy === undefined
    ? problem
    : { ...problem, message: `${problem.message}; it ${waiver(check)}` }
}
