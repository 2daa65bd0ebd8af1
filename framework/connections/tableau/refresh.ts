import { ok, type Result } from '../../model/problem.ts'
import type { Refreshed, RefreshRequest } from '../../ports/publisher.ts'
import { findRefreshed } from './content.ts'
import type { TableauContext } from './context.ts'
import { failed } from './failed.ts'
import {
  activeRefresh,
  cancelJob,
  jobIn,
  type RefreshTarget,
  refreshesAbout,
  type TableauJob,
  waitForJob,
} from './jobs.ts'
import { jobFailed, outcomeUnknown, requestRefused, stillRunning } from './problems.ts'
import { parseRefreshReference, type RefreshReference, shortId } from './receipts.ts'
import { RETRY_DELAYS } from './retry-delays.ts'
import { serviceOf } from './settings.ts'

/** Milliseconds between two requests while another refresh runs that can't be followed. */
const FIRST_WAIT = 5_000
const LONGEST_WAIT = 60_000
/**
 * A refresh that began this long after our inputs were committed has read them, in milliseconds: the clocks of two
 * machines are compared.
 */
const MARGIN = 60_000
/** "Job for … is already queued. Not queuing a duplicate." The answer does not say which job that is. */
const ALREADY_QUEUED = '409093'

/** What is refreshed. */
interface Subject {
  readonly context: TableauContext
  readonly request: RefreshRequest
  readonly target: RefreshTarget
}

/** What a refresh that was asked for has come to. `busy`: another one runs, so it was not begun. */
type Asked = Refreshed | { readonly is: 'busy' }

/**
 * Refreshes a data source or a workbook, and waits for the end. A refresh of others that waits in Tableau's queue will
 * read what is there now, so it is followed; one that runs may have read before, so another one follows it. Never asks
 * twice without knowing what became of the first request.
 */
export async function refresh(
  context: TableauContext,
  request: RefreshRequest,
): Promise<Refreshed> {
  const found = await findRefreshed(context, request.content)
  if (!found.ok) return failed(found)
  const { type } = request.content
  const subject: Subject = { context, request, target: { type, id: found.value.id } }
  const earlier = await earlierOutcome(subject)
  if (earlier !== null) return earlier
  const { timers, clock, settings } = context
  const since = clock()
  for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
    const followed = await followOther(subject)
    if (followed !== null) return followed
    const asked = await ask(subject)
    if (asked.is !== 'busy') return asked
    if (clock() - since >= settings.timeout) {
      return { is: 'failed', problem: stillRunning(settings, request.content.name) }
    }
    await request.onProgress({
      phase: 'waiting',
      message: `${request.content.name} is being refreshed by others`,
    })
    await timers.sleep(wait, request.signal)
    if (request.signal.aborted) return { is: 'cancelled', detail: '' }
  }
}

/**
 * The outcome of the refresh that this process or, by its journal, an earlier one asked for; null if there was none, it
 * failed, or an input was committed since.
 */
async function earlierOutcome(subject: Subject): Promise<Refreshed | null> {
  const { context, request, target } = subject
  const known = context.begun.get(request.asset) ?? request.unfinished
  const reference = parseRefreshReference(known)
  const isHere = reference?.service === serviceOf(context.settings) && reference.id === target.id
  if (reference === null || !isHere) return null
  const found = reference.job === null ? await findAsked(subject, reference) : ok(reference.job)
  if (!found.ok) return failed(found)
  if (found.value === null) return null
  // A job that was only found may be of others, who asked at the same time.
  const outcome = await outcomeOf(subject, found.value, reference.job !== null)
  if (outcome.is === 'cancelled') return outcome
  context.begun.delete(request.asset)
  const isCovered = request.inputs !== null && request.inputs.run <= reference.run
  return outcome.is === 'refreshed' && isCovered ? outcome : null
}

/** Follows a refresh of others. null: there is none, or another one must follow it. */
async function followOther(subject: Subject): Promise<Refreshed | null> {
  const { context, request, target } = subject
  const active = await activeRefresh(context, target)
  if (!active.ok) return failed(active)
  if (active.value === null) return null
  const isEnough = readsInputs(active.value, subject)
  const outcome = await outcomeOf(subject, active.value.id, false)
  if (outcome.is === 'cancelled' || request.signal.aborted) return outcome
  return isEnough && outcome.is === 'refreshed' ? outcome : null
}

/** Whether a refresh of others reads all that our inputs hold. */
function readsInputs({ startedAt }: TableauJob, { context, request }: Subject): boolean {
  if (startedAt === null) return true
  const { inputs } = request
  return inputs !== null && startedAt - context.client.lead() > inputs.at + MARGIN
}

/** Asks for a refresh, and waits for its end. */
async function ask(subject: Subject): Promise<Asked> {
  const { context, request, target } = subject
  const { client, settings, clock } = context
  const { name } = request.content
  const askedAt = clock() + client.lead()
  const before = await refreshesAbout(context, target, askedAt)
  if (!before.ok) return failed(before)
  const known = (before.value ?? []).map(({ id }) => id)
  const base = { service: serviceOf(settings), id: target.id, run: request.run, known, askedAt }
  const reference: RefreshReference = { ...base, job: null }
  await begin(subject, reference)
  const sent = await client.send({
    ...{ method: 'POST', path: `/${target.type}s/${target.id}/refresh` },
    ...{ what: `refresh ${name}`, body: '<tsRequest/>' },
  })
  if (!sent.ok) return failed(sent)
  const { value: reply } = sent
  if (reply.reply === 'refused') {
    context.begun.delete(request.asset)
    if (reply.refusal.code === ALREADY_QUEUED) return { is: 'busy' }
    return { is: 'failed', problem: requestRefused(settings, `refresh ${name}`, reply.refusal) }
  }
  const job = reply.reply === 'ok' ? jobIn(reply.body)?.id : undefined
  if (job !== undefined) {
    await begin(subject, { ...reference, job })
    return outcomeOf(subject, job, true)
  }
  const found = await findLater(subject, reference)
  if (!found.ok) return failed(found)
  if (found.value !== null) return outcomeOf(subject, found.value, false)
  if (request.signal.aborted) return { is: 'cancelled', detail: '' }
  return { is: 'failed', problem: outcomeUnknown(settings, `refresh ${name}`) }
}

/** The job of a request that got no clear answer; null if Tableau lists none for a minute. */
async function findLater(
  subject: Subject,
  reference: RefreshReference,
): Promise<Result<string | null>> {
  const { context, request } = subject
  for (const delay of RETRY_DELAYS) {
    await context.timers.sleep(delay, request.signal)
    const found = await findAsked(subject, reference)
    if (!found.ok || found.value !== null || request.signal.aborted) return found
  }
  return ok(null)
}

/**
 * The refresh that has been created since a request, of which the answer was lost. If others created it, it began after
 * our inputs were committed, too. null: there is none, or this user may not list jobs.
 */
async function findAsked(
  { context, target }: Subject,
  { askedAt, known }: RefreshReference,
): Promise<Result<string | null>> {
  const listed = await refreshesAbout(context, target, askedAt)
  if (!listed.ok) return listed
  return ok(listed.value?.find(({ id }) => !known.includes(id))?.id ?? null)
}

/** Waits for the end of a refresh. After an interrupt, it is cancelled if it is ours. */
async function outcomeOf(
  { context, request }: Subject,
  job: string,
  isOurs: boolean,
): Promise<Refreshed> {
  const what = `refreshing ${request.content.name}`
  const waited = await waitForJob(context, job, what, 'running', request)
  switch (waited.is) {
    case 'ended': {
      const { outcome } = waited.job
      if (outcome === 'succeeded') {
        const note = isOurs ? '' : ', started by others'
        return {
          is: 'refreshed',
          reference: `Tableau job ${shortId(job)}${note}`,
          receipt: { service: serviceOf(context.settings) },
        }
      }
      return { is: 'failed', problem: jobFailed(context.settings, waited.job, what) }
    }
    case 'gone':
      return { is: 'failed', problem: outcomeUnknown(context.settings, what) }
    case 'interrupted': {
      const state = isOurs && (await cancelJob(context, job)) ? 'was cancelled' : 'keeps running'
      return { is: 'cancelled', detail: `Tableau job ${shortId(job)} ${state}` }
    }
    case 'lost':
      return { is: 'failed', problem: waited.problem }
  }
}

async function begin({ context, request }: Subject, reference: RefreshReference) {
  context.begun.set(request.asset, { ...reference })
  await request.onReference({ ...reference })
}
