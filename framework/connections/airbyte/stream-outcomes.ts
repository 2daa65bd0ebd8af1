import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Arrival, SyncRequest } from '../../ports/connection.ts'
import type { SyncRowCounts } from '../../ports/warehouse.ts'
import type { StreamStep } from './choose-job.ts'
import {
  type AirbyteJob,
  type JobReference,
  jobState,
  parseRecordedJob,
  type RecordedJob,
} from './job.ts'
import { type JobResults, resultOfStream } from './job-results.ts'
import { jobFailed, nothingRan, streamFailed, streamOutcomeUnknown } from './problems.ts'
import type { AirbyteSettings } from './settings.ts'

/** A job that has ended, and the evidence of what it loaded. */
export interface EndedJob {
  readonly job: AirbyteJob
  /** null if the internal API does not answer. */
  readonly results: JobResults | null
  /** Row counts from the warehouse, by relation; null if they are not needed. */
  readonly rowCounts: ReadonlyMap<string, SyncRowCounts> | null
  readonly connectors: Pick<RecordedJob, 'source' | 'destination'>
  /** null for a job that was started outside assets. */
  readonly own: JobReference | null
}

type LoadOutcome =
  | { readonly is: 'loaded'; readonly records: number | null }
  | { readonly is: 'failed'; readonly problem: Problem }

/** Reads row counts from the warehouse, if the job succeeded and Airbyte gives no results by stream. */
export async function readRowCounts(
  job: AirbyteJob,
  results: JobResults | null,
  streams: readonly StreamStep[],
  countSyncRows: SyncRequest['countSyncRows'],
): Promise<Result<EndedJob['rowCounts']>> {
  if (results !== null || jobState(job) !== 'succeeded') return ok(null)
  const read = await countSyncRows(
    streams.map(({ stream }) => stream.relation),
    job.id,
  )
  return read.ok ? ok(read.value) : fail(...read.problems)
}

/** The outcome of each stream of a job, by asset. An unknown outcome is a failure (SEMANTICS 11). Pure. */
export function streamOutcomes(
  ended: EndedJob,
  streams: readonly StreamStep[],
  settings: AirbyteSettings,
): ReadonlyMap<string, Arrival> {
  return new Map(
    streams.map((one) => {
      const outcome = outcomeOf(ended, one, settings)
      return [
        one.step.name,
        outcome.is === 'failed' ? outcome : loadedArrival(ended, one, outcome.records),
      ]
    }),
  )
}

function outcomeOf(ended: EndedJob, one: StreamStep, settings: AirbyteSettings): LoadOutcome {
  const { job, results, rowCounts } = ended
  if (results !== null) return outcomeFromResults(ended, results, one, settings)
  const state = jobState(job)
  if (state !== 'succeeded') {
    const how = state === 'cancelled' ? 'cancelled' : 'failed'
    return failed(jobFailed(settings, job.id, how, null))
  }
  return outcomeFromRowCounts(job, rowCounts?.get(one.stream.relation), one)
}

const failed = (problem: Problem): LoadOutcome => ({ is: 'failed', problem })

function outcomeFromResults(
  { job }: EndedJob,
  results: JobResults,
  one: StreamStep,
  settings: AirbyteSettings,
): LoadOutcome {
  const { stream } = one
  const { asset } = stream
  const state = jobState(job)
  const hasSucceeded = state === 'succeeded'
  if (hasSucceeded && results.streams.length === 0) return failed(nothingRan(settings, job.id))
  const result = resultOfStream(stream, results, settings.schema)
  const isComplete =
    result?.state === 'COMPLETE' || (hasSucceeded && result?.state !== 'INCOMPLETE')
  if (result !== null && isComplete) {
    return { is: 'loaded', records: job.type === 'sync' ? result.records : null }
  }
  if (hasSucceeded) {
    return failed(
      result === null
        ? streamOutcomeUnknown(job.id, asset, stream.stream, 'the job did not run it')
        : streamFailed(job.id, asset, stream.stream, result.failure ?? ''),
    )
  }
  if (result?.failure) return failed(streamFailed(job.id, asset, stream.stream, result.failure))
  const how = state === 'cancelled' ? 'cancelled' : 'failed'
  const problem = jobFailed(settings, job.id, how, results.failure)
  return failed(isRetried(one, results) ? { ...problem, transient: true } : problem)
}

/** Airbyte retries a failed job itself. Only an asset with `retries:` is retried here, too. */
function isRetried({ step }: StreamStep, { isPermanent }: JobResults): boolean {
  return step.subject.is === 'asset' && step.subject.asset.policy.retries !== null && !isPermanent
}

/**
 * The outcome of a stream of a job that succeeded, by its rows. A full load writes every row. An
 * incremental load without new records writes none, so its rows prove nothing.
 */
function outcomeFromRowCounts(
  job: AirbyteJob,
  rowCounts: SyncRowCounts | undefined,
  { stream }: StreamStep,
): LoadOutcome {
  const { asset, relation } = stream
  const unknown = (why: string) => failed(streamOutcomeUnknown(job.id, asset, stream.stream, why))
  if (rowCounts === undefined) return unknown(`${relation} is missing, or Airbyte did not write it`)
  if (stream.sync === 'full_refresh' && rowCounts.ofSync < rowCounts.rows) {
    return unknown(`${relation} still holds rows of an earlier job`)
  }
  return { is: 'loaded', records: null }
}

function loadedArrival(
  { job, connectors, own }: EndedJob,
  { step }: StreamStep,
  records: number | null,
): Arrival {
  const record = step.subject.is === 'asset' ? step.subject.record : null
  const before = record === null ? null : parseRecordedJob(record.source)
  const isOnlyShared =
    step.reasons.length > 0 && step.reasons.every(({ reason }) => reason === 'shared')
  if (isOnlyShared && before?.job === job.id) return { is: 'as_recorded' }
  const source: Json = { job: job.id, startedAt: job.startedAt, ...connectors }
  return {
    is: 'loaded',
    records,
    source,
    reference: referenceText(job, records, before, { ...connectors, isOwn: own !== null }),
    startedAt: own === null ? job.startedAt : null,
  }
}

/** `Airbyte job 9123, 1 record, source-postgres 3.6.1 → 3.6.2`. */
function referenceText(
  { id }: AirbyteJob,
  records: number | null,
  before: RecordedJob | null,
  { source, destination, isOwn }: EndedJob['connectors'] & { readonly isOwn: boolean },
): string {
  const changedConnectors = [
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
    ...(isOwn ? [] : ['started outside assets']),
    ...count,
    ...changedConnectors,
  ].join(', ')
}
