import { formatDuration } from '../lib/duration.ts'
import type { Check } from '../model/definition.ts'
import type { Problem } from '../model/problem.ts'
import type { ReasonName } from '../model/verdict.ts'
import type { StepReport } from '../ports/batch.ts'
import { waiver } from '../staleness/check-waivers.ts'
import { adoptsDrift } from '../staleness/full-refresh.ts'
import type { RunState } from './run-state.ts'
import type { Touched } from './side-writes.ts'

/** The `timeout:` of a step and the time that it used, in milliseconds. */
export interface TimedOut {
  readonly limit: number
  readonly used: number
}

/** The problem of a step that exceeded its timeout. `report`: the last report of its kind. */
export function timeoutProblem(
  { world }: RunState,
  i: number,
  { limit, used }: TimedOut,
  report: Extract<StepReport, { readonly step: 'failed' | 'cancelled' }>,
): Problem {
  const { name, file, policy } = world.asset(i)
  const detail = report.step === 'failed' ? report.problem.detail : report.detail
  return {
    code: 'timeout',
    message: `${name} was stopped after ${formatDuration(used)}: its timeout is ${formatDuration(limit)}`,
    at: { file, path: ['assets', name, 'timeout'] },
    ...(detail === undefined || detail === '' ? {} : { detail }),
    hint: 'raise `timeout:`, or find out why the step takes so long',
    asset: name,
    ...(policy.retries === null ? {} : { transient: true }),
  }
}

/** A kind returned without reporting the outcome of a step: a bug of the kind, or of what it calls. */
export function noOutcome(name: string): Problem {
  return {
    code: 'no-outcome',
    message: `${name} was started, and its outcome was not reported`,
    hint: 'run the same command again; if it happens again, report it as a bug',
    asset: name,
  }
}

const UNFINISHED: ReadonlySet<ReasonName> = new Set(['interrupted', 'failed'])

/**
 * The notice before a build undoes a change that was made outside assets; null if it doesn't. Members
 * of a unit are also loaded by others, whose work the next load continues.
 */
export function undoesDrift({ world, verdict }: RunState, i: number): string | null {
  const decided = verdict[i]!
  if (decided.state !== 'stale' || world.definition(i)?.unit != null) return null
  const drifted = decided.reasons.find(({ reason }) => reason === 'drifted')
  // A run that did not finish may have written it.
  const isUnfinished = decided.reasons.some(({ reason }) => UNFINISHED.has(reason))
  if (drifted === undefined || isUnfinished) return null
  return `${world.name(i)} was ${drifted.message}; rebuilding it undoes that change`
}

/**
 * The notice about an asset that changed while a call ran. `isRead`: a step of the call reads it. Null if
 * nothing follows: its policy takes what others write, and no step of the call reads it.
 */
export function changedMeanwhile(
  runState: RunState,
  i: number,
  touched: Touched | undefined,
  isRead: boolean,
): string | null {
  const { world } = runState
  const name = runState.name(i)
  if (touched === undefined)
    return `${name} changed during this run: its readers will be built again`
  const isAdopted = adoptsDrift(world.asset(i), world.definition(i))
  if (isAdopted && !isRead) return null
  const isBuilt = world.definition(i)?.form === 'stored'
  return [
    `${name} was written by ${touched.by ?? 'a statement of a dbt call'} during this run`,
    ...(isRead ? ['what read it will be built again'] : []),
    ...(isAdopted || !isBuilt
      ? []
      : [`the next run undoes the write, unless ${name} has on_drift: adopt`]),
  ].join('; ')
}

/** The problem of a failed check: the kind's, or a generic one. Says when the check does not block. */
export function failedCheck(
  check: Check,
  failures: number | null,
  reported: Problem | null,
): Problem {
  const rows = failures === null ? '' : `: ${failures} rows`
  const problem = reported ?? {
    code: 'check-failed',
    message: `check ${check.name} failed${rows}`,
    asset: check.name,
  }
  return check.waivedBy === undefined
    ? problem
    : { ...problem, message: `${problem.message}; it ${waiver(check)}` }
}
