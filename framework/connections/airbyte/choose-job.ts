import type { Stream } from '../../model/stream.ts'
import type { BatchStep } from '../../ports/batch.ts'
import {
  type AirbyteJob,
  type JobReference,
  jobState,
  loadsRecords,
  mayRun,
  parseRecordedJob,
  parseReference,
  resetsData,
} from './job.ts'

/** A stream to load, and the step that loads it. */
export interface StreamStep {
  readonly stream: Stream
  readonly step: BatchStep
}

export interface JobCriteria {
  readonly streams: readonly StreamStep[]
  /** Whether a job that was started outside assets may be used. */
  readonly adopt: boolean
  /** Jobs that this process started, by id. */
  readonly ownJobs: ReadonlyMap<number, JobReference>
  /** Jobs that ended without loading every stream. */
  readonly rejected: ReadonlySet<number>
  /** Milliseconds since the epoch. The start of a job after it proves nothing (SEMANTICS 26). */
  readonly now: number
}

export type JobChoice =
  /** The job runs, and Airbyte runs one job at a time on a connection. */
  | { readonly choice: 'wait'; readonly job: AirbyteJob }
  /** The job has ended and loaded what is asked for. */
  | { readonly choice: 'use'; readonly job: AirbyteJob }
  /** `after`: id of the newest job so far, 0 if there is none. */
  | { readonly choice: 'start'; readonly after: number }

/**
 * Chooses the job that brings the streams up to date. `jobs` are newest first. Only the newest ended job
 * can be used: a later one has written to the tables since, however it ended. Pure.
 */
export function chooseJob(jobs: readonly AirbyteJob[], criteria: JobCriteria): JobChoice {
  const active = jobs.find((job, at) => jobState(job) === 'active' || (at === 0 && mayRun(job)))
  if (active !== undefined) return { choice: 'wait', job: active }
  const [newest] = jobs
  if (newest === undefined) return { choice: 'start', after: 0 }
  const hasLoaded = jobState(newest) === 'succeeded' && !criteria.rejected.has(newest.id)
  return hasLoaded && servesAllStreams(newest, criteria)
    ? { choice: 'use', job: newest }
    : { choice: 'start', after: newest.id }
}

/** The reference of a job that this process or, by its journal, an earlier one started; else null. */
export function ownReference(
  job: number,
  { ownJobs, streams }: Pick<JobCriteria, 'ownJobs' | 'streams'>,
): JobReference | null {
  const started = ownJobs.get(job)
  if (started !== undefined) return started
  for (const { step } of streams) {
    const unfinished = step.subject.is === 'asset' ? step.subject.unfinished : null
    const reference = unfinished === null ? null : parseReference(unfinished.reference)
    if (reference?.job === job && reference.ours) return reference
  }
  return null
}

/** Whether the job, if it succeeds, satisfies every reason of every step. Pure. */
function servesAllStreams(job: AirbyteJob, criteria: JobCriteria): boolean {
  if (!loadsRecords(job)) return false
  const own = ownReference(job.id, criteria)
  if (own === null && !criteria.adopt) return false
  return criteria.streams.every((one) =>
    one.step.reasons.every(({ reason }) => satisfies(reason, job, one, own, criteria.now)),
  )
}

function satisfies(
  reason: BatchStep['reasons'][number]['reason'],
  job: AirbyteJob,
  { stream, step }: StreamStep,
  own: JobReference | null,
  now: number,
): boolean {
  if (step.subject.is !== 'asset') return false
  const { record, unfinished, freshSince } = step.subject
  const recorded = record === null ? null : parseRecordedJob(record.source)
  const isNewer = recorded !== null && job.id > recorded.job
  const reference = unfinished === null ? null : parseReference(unfinished.reference)
  // Our own job began after its journal entry, even if Airbyte's clock says otherwise.
  const isJournaled = own !== null && reference?.job === job.id
  const starts = [job.startedAt ?? 0, isJournaled ? unfinished!.at : 0]
  const startedAt = Math.max(0, ...starts.filter((at) => at <= now))
  const isSinceJournal =
    unfinished !== null &&
    ((reference !== null && job.id >= reference.job) || startedAt >= unfinished.at)
  const isFresh = freshSince !== null && startedAt >= freshSince
  switch (reason) {
    case 'shared':
      return true
    case 'expired':
      return isFresh
    case 'interrupted':
    case 'failed':
      return isSinceJournal
    case 'source':
    case 'drifted':
    case 'unknown':
      return isNewer
    case 'missing':
      if (record === null) return isSinceJournal || isFresh
      return isNewer && (stream.sync === 'full_refresh' || resetsData(job))
    case 'code':
      return isNewer && resetsData(job)
    case 'forced':
      // An interrupted first load is forced, too. The job that it started satisfies it.
      if (own?.forced === true || (record === null && isSinceJournal)) return true
      return step.full && isNewer && resetsData(job)
    case 'deps':
    case 'data':
    case 'unchecked':
      return false
  }
}

/**
 * Why an incremental stream needs a full load, which a sync does not do. null if it needs none, or if a
 * refresh succeeded since the recorded job. `jobs` are all known jobs of the connection. Pure.
 */
export function refreshReason(
  { stream, step }: StreamStep,
  jobs: readonly AirbyteJob[],
): string | null {
  if (step.subject.is !== 'asset' || !step.full || stream.sync === 'full_refresh') return null
  const { record } = step.subject
  const recorded = record === null ? null : parseRecordedJob(record.source)
  if (record === null || recorded === null) return null
  const newer = jobs.filter((job) => job.id > recorded.job)
  if (newer.some((job) => resetsData(job) && jobState(job) === 'succeeded')) return null
  const has = (name: string) => step.reasons.some(({ reason }) => reason === name)
  if (has('missing')) return 'its table is missing'
  if (has('code')) return 'its declaration changed'
  // A newer job explains the change of the table, and the next sync continues from that job.
  if (has('drifted')) return newer.length === 0 ? 'its table was changed outside Airbyte' : null
  return has('forced') ? 'a full load was requested' : null
}
