import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Arrival, SyncRequest } from '../../ports/connection.ts'
import type { SyncRowCounts } from '../../ports/warehouse.ts'
import type { Member } from './choose.ts'
import { type Job, type Origin, originOf, type Reference, standingOf } from './job.ts'
import { jobFailed, nothingRan, streamFailed, streamUntold } from './problems.ts'
import { type Results, resultFor } from './results.ts'
import type { Settings } from './settings.ts'

/** A job that has ended, and what is known of what it did. */
export interface Ended {
  readonly job: Job
  /** null when Airbyte doesn't tell stream by stream. */
  readonly results: Results | null
  /** What the warehouse shows of it, by relation; null when it was not asked. */
  readonly stamps: ReadonlyMap<string, SyncRowCounts> | null
  readonly connectors: Pick<Origin, 'source' | 'destination'>
  /** null for a job of somebody else. */
  readonly ours: Reference | null
}

type Outcome =
  | { readonly is: 'loaded'; readonly records: number | null }
  | { readonly is: 'failed'; readonly problem: Problem }

/** What the warehouse has to be asked for, when Airbyte doesn't tell stream by stream. */
export async function askWarehouse(
  job: Job,
  results: Results | null,
  members: readonly Member[],
  stamps: SyncRequest['countSyncRows'],
): Promise<Result<Ended['stamps']>> {
  if (results !== null || standingOf(job) !== 'succeeded') return ok(null)
  const asked = await stamps(
    members.map(({ stream }) => stream.relation),
    job.id,
  )
  return asked.ok ? ok(asked.value) : fail(...asked.problems)
}

/** What became of each stream in a job, by asset. What can't be told has failed (SEMANTICS 11). Pure. */
export function arrivals(
  ended: Ended,
  members: readonly Member[],
  settings: Settings,
): ReadonlyMap<string, Arrival> {
  return new Map(
    members.map((member) => {
      const outcome = outcomeOf(ended, member, settings)
      return [
        member.step.name,
        outcome.is === 'failed' ? outcome : loaded(ended, member, outcome.records),
      ]
    }),
  )
}

function outcomeOf(ended: Ended, member: Member, settings: Settings): Outcome {
  const { job, results, stamps } = ended
  const failed = (problem: Problem): Outcome => ({ is: 'failed', problem })
  if (results !== null) return byResults(ended, results, member, settings)
  const standing = standingOf(job)
  if (standing !== 'succeeded') {
    const how = standing === 'cancelled' ? 'cancelled' : 'failed'
    return failed(jobFailed(settings, job.id, how, null))
  }
  return byStamps(job, stamps?.get(member.stream.relation), member)
}

function byResults(ended: Ended, results: Results, member: Member, settings: Settings): Outcome {
  const { job } = ended
  const { stream } = member
  const { asset } = stream
  const failed = (problem: Problem): Outcome => ({ is: 'failed', problem })
  const standing = standingOf(job)
  const hasSucceeded = standing === 'succeeded'
  if (hasSucceeded && results.streams.length === 0) return failed(nothingRan(settings, job.id))
  const result = resultFor(stream, results, settings.schema)
  const isWhole = result?.state === 'COMPLETE' || (hasSucceeded && result?.state !== 'INCOMPLETE')
  if (result !== null && isWhole) {
    return { is: 'loaded', records: job.type === 'sync' ? result.records : null }
  }
  if (hasSucceeded) {
    return failed(
      result === null
        ? streamUntold(job.id, asset, stream.stream, 'it is not among the streams that ran')
        : streamFailed(job.id, asset, stream.stream, result.failure ?? ''),
    )
  }
  if (result?.failure) return failed(streamFailed(job.id, asset, stream.stream, result.failure))
  const how = standing === 'cancelled' ? 'cancelled' : 'failed'
  const problem = jobFailed(settings, job.id, how, results.failure)
  return failed(mayPass(member, results) ? { ...problem, transient: true } : problem)
}

/** Airbyte has tried again by itself; somebody who says `retries:` wants more of it. */
function mayPass({ step }: Member, { isPermanent }: Results): boolean {
  return step.subject.is === 'asset' && step.subject.asset.policy.retries !== null && !isPermanent
}

/**
 * What the rows say of a job that succeeded. A full load writes every row anew; of an incremental one
 * that brought nothing there is nothing to see, and nothing is amiss.
 */
function byStamps(job: Job, stamps: SyncRowCounts | undefined, { stream }: Member): Outcome {
  const { asset } = stream
  const untold = (why: string): Outcome => ({
    is: 'failed',
    problem: streamUntold(job.id, asset, stream.stream, why),
  })
  if (stamps === undefined)
    return untold(`${stream.relation} is not there, or not of Airbyte's making`)
  if (stream.sync === 'full_refresh' && stamps.ofSync < stamps.rows) {
    return untold(`${stream.relation} still holds rows of an earlier one`)
  }
  return { is: 'loaded', records: null }
}

function loaded(
  { job, connectors, ours }: Ended,
  { step }: Member,
  records: number | null,
): Arrival {
  const record = step.subject.is === 'asset' ? step.subject.record : null
  const before = record === null ? null : originOf(record.source)
  const asRecorded =
    step.reasons.length > 0 && step.reasons.every(({ reason }) => reason === 'shared')
  if (asRecorded && before?.job === job.id) return { is: 'as_recorded' }
  const source: Json = { job: job.id, startedAt: job.startedAt, ...connectors }
  return {
    is: 'loaded',
    records,
    source,
    reference: referenceText(job, records, before, { ...connectors, ours: ours !== null }),
    startedAt: ours === null ? job.startedAt : null,
  }
}

/** `Airbyte job 9123, 1 record, source-postgres 3.6.1 → 3.6.2`. */
function referenceText(
  { id }: Job,
  records: number | null,
  before: Origin | null,
  { source, destination, ours }: Ended['connectors'] & { readonly ours: boolean },
): string {
  const changed = [
    [before?.source, source],
    [before?.destination, destination],
  ].flatMap(([was, is]) =>
    was == null || is == null || was === is ? [] : [`${was} → ${is.split(' ').at(-1)}`],
  )
  const count =
    records === null
      ? []
      : [records === 1 ? '1 record' : `${records.toLocaleString('en-US')} records`]
  return [
    `Airbyte job ${id}`,
    ...(ours ? [] : ['started by somebody else']),
    ...count,
    ...changed,
  ].join(', ')
}
