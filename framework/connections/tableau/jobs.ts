import { formatDuration } from '../../lib/duration.ts'
import type { Phase } from '../../model/event.ts'
import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Progress } from '../../ports/batch.ts'
import { type ContentType, readPages } from './content.ts'
import type { TableauContext } from './context.ts'
import { type Element, elementIn, elementsIn, textIn, timeOf } from './http.ts'
import { jobTimedOut, requestRefused } from './problems.ts'
import { shortId } from './receipts.ts'

/** A job of Tableau. Times are Tableau's, in milliseconds since the epoch. */
export interface TableauJob {
  readonly id: string
  /** null: it waits. */
  readonly startedAt: number | null
  /** null: it has not ended, whatever its finish code says. */
  readonly completedAt: number | null
  readonly outcome: 'succeeded' | 'failed' | 'cancelled'
  readonly notes: string
  /** What it refreshes, if it says so. */
  readonly content: RefreshTarget | null
}

export type JobWait =
  | { readonly is: 'ended'; readonly job: TableauJob }
  /** Tableau does not know it any more. */
  | { readonly is: 'gone' }
  | { readonly is: 'interrupted' }
  /** The timeout has passed, or Tableau denies access: the job may still run. */
  | { readonly is: 'lost'; readonly problem: Problem }

const FIRST_POLL = 500
const LONGEST_POLL = 30_000
/** Each interval between polls is longer than the last by this factor, up to the longest. */
const POLL_GROWTH = 1.4

/**
 * Polls a job until it has ended, the run is interrupted, or the connection's timeout has passed. A poll without a valid
 * answer is repeated. `phase`: what its step does while the job runs.
 */
export async function waitForJob(
  context: TableauContext,
  id: string,
  what: string,
  phase: Phase,
  { signal, onProgress }: WaitOptions,
): Promise<JobWait> {
  const { client, settings, timers, clock } = context
  const since = clock()
  for (let interval = FIRST_POLL; ; interval = Math.min(LONGEST_POLL, interval * POLL_GROWTH)) {
    if (signal.aborted) return { is: 'interrupted' }
    const polled = await client.send({
      ...{ method: 'GET', path: `/jobs/${id}`, what: 'read a job', signal },
    })
    if (!polled.ok) return { is: 'lost', problem: polled.problems[0]! }
    const { value: reply } = polled
    if (reply.reply === 'refused') {
      if (reply.refusal.status === 404) return { is: 'gone' }
      return { is: 'lost', problem: requestRefused(settings, 'read a job', reply.refusal) }
    }
    const job = reply.reply === 'ok' ? jobIn(reply.body) : null
    if (job?.completedAt != null) return { is: 'ended', job }
    const waited = clock() - since
    if (signal.aborted) return { is: 'interrupted' }
    if (waited >= settings.timeout) {
      return { is: 'lost', problem: jobTimedOut(settings, id, what, formatDuration(waited)) }
    }
    const isWaiting = reply.reply !== 'unclear' && job?.startedAt == null
    const state =
      reply.reply === 'unclear'
        ? `the last poll failed (${reply.message})`
        : isWaiting
          ? 'waiting'
          : 'running'
    await onProgress({
      phase: isWaiting ? 'waiting' : phase,
      message: `Tableau job ${shortId(id)}, ${what}: ${state}`,
    })
    await timers.sleep(interval, signal)
  }
}

export interface WaitOptions {
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => Promise<void>
}

/** Content of a site that can be refreshed. */
export interface RefreshTarget {
  readonly type: ContentType
  readonly id: string
}

/** The refresh of something that waits or runs; null if there is none, or this user may not list jobs. */
export async function activeRefresh(
  context: TableauContext,
  target: RefreshTarget,
): Promise<Result<TableauJob | null>> {
  for (const status of ACTIVE) {
    const jobs = await listJobs(context, [REFRESHES, `status:eq:${status}`])
    if (!jobs.ok) return jobs
    const active = jobs.value?.find((job) => isOf(job, target) && job.completedAt === null)
    if (active !== undefined) return ok(active)
  }
  return ok(null)
}

/** The refreshes of something that were created about a time of Tableau; null if this user may not list jobs. */
export async function refreshesAbout(
  context: TableauContext,
  target: RefreshTarget,
  askedAt: number,
): Promise<Result<readonly TableauJob[] | null>> {
  const jobs = await listJobs(context, [REFRESHES, ...createdAbout(askedAt)])
  if (!jobs.ok || jobs.value === null) return jobs
  return ok(jobs.value.filter((job) => isOf(job, target)))
}

/**
 * The publications that wait or run and were created about a time of Tableau; null if this user may not list jobs.
 */
export async function activePublications(
  context: TableauContext,
  askedAt: number,
): Promise<Result<readonly TableauJob[] | null>> {
  const all: TableauJob[] = []
  for (const status of ACTIVE) {
    const filters = [`status:eq:${status}`, ...createdAbout(askedAt)]
    const jobs = await listJobs(context, filters, /publish/i)
    if (!jobs.ok || jobs.value === null) return jobs
    all.push(...jobs.value)
  }
  return ok(all.filter(({ completedAt }) => completedAt === null))
}

/** A job may begin to run between the two lists, so those that wait are listed first. */
const ACTIVE = ['Pending', 'InProgress'] as const
const REFRESHES = 'jobType:in:[refresh_extracts,increment_extracts]'

/** Filters of jobs that may belong to a request of this time: its answer took some minutes at most. */
const createdAbout = (time: number): readonly string[] => [
  `createdAt:gt:${secondOf(time - 5_000)}`,
  `createdAt:lt:${secondOf(time + 15 * 60_000)}`,
]

const secondOf = (time: number): string => new Date(time).toISOString().replace(/\.\d+/, '')

const isOf = ({ content }: TableauJob, { type, id }: RefreshTarget): boolean =>
  content?.type === type && content.id === id

/** Jobs, each read by itself: the list does not say what a job is about. null if this user may not list them. */
async function listJobs(
  { client, settings }: TableauContext,
  filters: readonly string[],
  types: RegExp | null = null,
): Promise<Result<readonly TableauJob[] | null>> {
  const read = await readPages(client, settings, {
    ...{ path: '/jobs', list: 'backgroundJobs', item: 'backgroundJob' },
    query: { filter: filters.join(',') },
    what: 'list the jobs',
  })
  // Only administrators of a site may list its jobs.
  if (!read.ok) return isRefused(read.problems[0]!) ? ok(null) : read
  const jobs: TableauJob[] = []
  for (const element of read.value) {
    const id = textIn(element, 'id')
    if (id === null || types?.test(textIn(element, 'jobType') ?? '') === false) continue
    const one = await client.repeat({ method: 'GET', path: `/jobs/${id}`, what: 'read a job' })
    if (!one.ok && !isRefused(one.problems[0]!)) return one
    // It may be gone meanwhile.
    const job = one.ok ? jobIn(one.value) : null
    if (job !== null) jobs.push(job)
  }
  return ok(jobs)
}

const isRefused = ({ code }: Problem): boolean =>
  code === 'tableau-forbidden' || code === 'tableau-refused'

/** Cancels a job, in one try: a person waits for the end. Whether Tableau took the request. */
export async function cancelJob({ client }: TableauContext, id: string): Promise<boolean> {
  const cancelled = await client.send({
    ...{ method: 'PUT', path: `/jobs/${id}`, what: 'cancel a job', timeout: 5_000 },
  })
  return cancelled.ok && cancelled.value.reply === 'ok'
}

/** The job in an answer; null if there is none. */
export function jobIn(body: Element): TableauJob | null {
  const job = elementIn(body, 'job')
  const id = textIn(job, 'id')
  if (job === null || id === null) return null
  const refresh = elementIn(job, 'extractRefreshJob')
  const texts = [
    textIn(job, 'notes'),
    textIn(refresh, 'notes'),
    ...elementsIn(job, 'statusNotes', 'statusNote').map((note) => textIn(note, 'text')),
  ]
  const code = textIn(job, 'finishCode')
  return {
    id,
    startedAt: timeOf(textIn(job, 'startedAt')),
    completedAt: timeOf(textIn(job, 'completedAt')),
    // 3: "completed", which is a success of a flow.
    outcome: code === '0' || code === '3' ? 'succeeded' : code === '2' ? 'cancelled' : 'failed',
    notes: texts.filter((text) => text !== null && text !== '').join('\n'),
    content: refreshedIn(refresh),
  }
}

function refreshedIn(refresh: Element | null): TableauJob['content'] {
  for (const type of ['datasource', 'workbook'] as const) {
    const id = textIn(elementIn(refresh, type), 'id')
    if (id !== null) return { type, id }
  }
  return null
}
