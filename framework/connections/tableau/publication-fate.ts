import type { Published, PublishRequest } from '../../ports/publisher.ts'
import type { Reply } from './client.ts'
import { findDatasource, type TableauProject } from './content.ts'
import type { TableauContext } from './context.ts'
import { hasMark } from './description.ts'
import { failed } from './failed.ts'
import { activePublications, jobIn, waitForJob } from './jobs.ts'
import { jobFailed, requestRefused } from './problems.ts'
import { type PublishReference, parsePublishReference, shortId } from './receipts.ts'
import { RETRY_DELAYS } from './retry-delays.ts'
import { serviceOf } from './settings.ts'

/**
 * How long a publication may be on its way that nobody can follow, in milliseconds: a user who may not list jobs sees
 * only its result.
 */
const LONGEST_WAY = 15 * 60_000
/** Milliseconds between two looks during that time. */
const LOOK_INTERVAL = 30_000

/** What becomes of a publication that was asked for. */
export type Fate =
  /** `endedAt`: by Tableau's clock, in milliseconds since the epoch; null if that is not known. */
  | {
      readonly is: 'published'
      readonly mark: string
      readonly job: string | null
      readonly endedAt: number | null
    }
  | { readonly is: 'not_published' }
  | Exclude<Published, { readonly is: 'published' }>

/** Where a file goes. */
export interface Destination {
  readonly project: TableauProject
  readonly request: PublishRequest
  readonly context: TableauContext
}

/**
 * What became of the publication that this process or, by its journal, an earlier one asked for. null: there was none, it
 * failed, or it was of other rows. Its end is waited for in any case: it would replace what is published next.
 */
export async function earlierFate(destination: Destination): Promise<Fate | null> {
  const { context, request, project } = destination
  const known = context.begun.get(request.asset) ?? request.unfinished
  const reference = parsePublishReference(known)
  const isHere =
    reference?.service === serviceOf(context.settings) &&
    reference.project === project.id &&
    reference.name === request.place.name
  if (reference === null || !isHere) return null
  const fate =
    reference.job === null
      ? await fateByMark(destination, reference, 'earlier')
      : await fateOfJob(destination, reference, reference.job)
  const hasFailed = fate.is === 'failed' && fate.problem.code === 'tableau-job-failed'
  if (fate.is !== 'published' && fate.is !== 'not_published' && !hasFailed) return fate
  context.begun.delete(request.asset)
  const isWanted = reference.content === request.content && !request.forced
  return fate.is === 'published' && isWanted ? fate : null
}

/** What becomes of a publication after the reply to its request. */
export async function fateOfReply(
  destination: Destination,
  reference: PublishReference,
  reply: Reply,
): Promise<Fate> {
  const { context, request, project } = destination
  switch (reply.reply) {
    case 'ok': {
      const job = jobIn(reply.body)
      if (job === null) return fateByMark(destination, reference, 'new')
      const named = { ...reference, job: job.id }
      await begin(destination, named)
      return fateOfJob(destination, named, job.id)
    }
    case 'refused': {
      const what = `publish ${request.place.name} to project ${project.path}`
      const problem = requestRefused(context.settings, what, reply.refusal)
      // The upload may have ended with its session; another one may do.
      const isGone = reply.refusal.status === 404
      return { is: 'failed', problem: isGone ? { ...problem, transient: true } : problem }
    }
    case 'unclear':
      return fateByMark(destination, reference, 'new')
  }
}

/** Writes what is going to be asked for into the journal. */
export async function begin(
  { context, request }: Destination,
  reference: PublishReference,
): Promise<void> {
  context.begun.set(request.asset, { ...reference })
  await request.onReference({ ...reference })
}

async function fateOfJob(
  destination: Destination,
  reference: PublishReference,
  job: string,
): Promise<Fate> {
  const { context, request } = destination
  const what = `publishing ${request.place.name}`
  const waited = await waitForJob(context, job, what, 'publishing', request)
  switch (waited.is) {
    case 'ended':
      return waited.job.outcome === 'succeeded'
        ? { is: 'published', mark: reference.mark, job, endedAt: waited.job.completedAt }
        : { is: 'failed', problem: jobFailed(context.settings, waited.job, what) }
    case 'gone':
      return fateByMark(destination, reference, 'new')
    case 'interrupted':
      return {
        is: 'cancelled',
        detail: `Tableau job ${shortId(job)} keeps running: Tableau can't cancel a publication`,
      }
    case 'lost':
      return { is: 'failed', problem: waited.problem }
  }
}

/**
 * What became of a publication whose job is not known: whether the data source has its mark. Looks for about a minute
 * after a `new` request. Of an `earlier` one it looks until no publication of that time is running or, for a user who may
 * not list jobs, until none can be on its way any more.
 */
async function fateByMark(
  destination: Destination,
  { mark, askedAt }: PublishReference,
  which: 'new' | 'earlier',
): Promise<Fate> {
  const { context, request, project } = destination
  const { client, clock, timers } = context
  let waited = 0
  for (let looks = 0; ; looks++) {
    // In this order: a job that ends in between is seen by its mark.
    const running = await activePublications(context, askedAt)
    if (!running.ok) return failed(running)
    const found = await findDatasource(context, request.place.name, project)
    if (!found.ok) return failed(found)
    if (found.value !== null && hasMark(found.value.description, mark)) {
      return { is: 'published', mark, job: null, endedAt: null }
    }
    const isRunning = running.value !== null && running.value.length > 0
    const age = clock() + client.lead() - askedAt + waited
    const mayBeOnItsWay = running.value === null && which === 'earlier' && age < LONGEST_WAY
    const delay = which === 'new' ? RETRY_DELAYS[looks] : undefined
    if (delay === undefined && !isRunning && !mayBeOnItsWay) return { is: 'not_published' }
    if (waited > context.settings.timeout) return { is: 'not_published' }
    await request.onProgress({
      phase: 'waiting',
      message: `looking for what became of the last publication of ${request.place.name}`,
    })
    const pause = delay ?? LOOK_INTERVAL
    await timers.sleep(pause, request.signal)
    waited += pause
    if (request.signal.aborted) return { is: 'cancelled', detail: '' }
  }
}
