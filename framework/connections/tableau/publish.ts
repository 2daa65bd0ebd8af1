import { randomUUID } from 'node:crypto'
import type { Problem, Result } from '../../model/problem.ts'
import type { Published, PublishRequest } from '../../ports/publisher.ts'
import { escaped, type Reply } from './client.ts'
import { findDatasource, findProject, type TableauContent, type TableauProject } from './content.ts'
import type { TableauContext } from './context.ts'
import { timeOf } from './http.ts'
import { activePublications, jobIn, waitForJob } from './jobs.ts'
import {
  fileUnreadable,
  jobFailed,
  nameTaken,
  notPublished,
  outcomeUnknown,
  replaced,
  requestRefused,
} from './problems.ts'
import {
  type PublishReference,
  parsePublishReference,
  parseReceipt,
  type Receipt,
  shortId,
} from './receipts.ts'
import { serviceOf } from './settings.ts'
import { multipart, upload } from './upload.ts'

/** Milliseconds between two looks for a publication whose request got no clear answer. */
const LOOKS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
/** How long after the end of its job a data source may change by itself, in milliseconds. */
const LATEST_CHANGE = 60_000
/** Characters of an asset's description that Tableau shows. */
const LONGEST_DESCRIPTION = 1_000

type Failure = Extract<Result<unknown>, { readonly ok: false }>

/** What becomes of a publication that was asked for. */
type Fate =
  /** `endedAt`: by Tableau's clock, in milliseconds since the epoch; null if that is not known. */
  | { readonly is: 'published'; readonly job: string | null; readonly endedAt: number | null }
  | { readonly is: 'not_published' }
  | Exclude<Published, { readonly is: 'published' }>

/** Where a file goes. */
interface Destination {
  readonly project: TableauProject
  readonly request: PublishRequest
  readonly context: TableauContext
}

/**
 * Publishes a file as a data source, unless its rows are published there. A publication is never asked for twice: the
 * journal names it before it is asked for, and its mark is in the description of the data source once it is carried out.
 */
export async function publish(
  context: TableauContext,
  request: PublishRequest,
): Promise<Published> {
  try {
    const project = await findProject(context, request.place.project)
    if (!project.ok) return failed(project)
    return await publishTo({ context, request, project: project.value })
  } catch (error) {
    const { settings } = context
    return { is: 'failed', problem: fileUnreadable(settings, request.file, error as Error) }
  }
}

async function publishTo(destination: Destination): Promise<Published> {
  const { context, request, project } = destination
  const { settings } = context
  const earlier = await earlierFate(destination)
  if (earlier?.is === 'failed' || earlier?.is === 'cancelled') return earlier
  if (earlier?.is === 'published') {
    const published = await receiptOf(destination, earlier)
    // What others made of it since is published over.
    if (published.is !== 'failed' || published.problem.code !== 'tableau-replaced') return published
  }
  const existing = await findDatasource(context, request.place.name, project)
  if (!existing.ok) return failed(existing)
  const last = parseReceipt(request.last?.receipt ?? null)
  if (!request.forced && isPublished(existing.value, last, request)) {
    return { is: 'published', receipt: { ...last! }, reference: null }
  }
  if (
    request.mode === 'create' &&
    existing.value !== null &&
    existing.value.id !== last?.id &&
    !existing.value.description.includes(publishedBy(destination))
  ) {
    return { is: 'failed', problem: nameTaken(settings, request.place.name, project.path) }
  }
  const uploaded = await upload(context, request.file, request)
  if (request.signal.aborted) return { is: 'cancelled', detail: '' }
  if (!uploaded.ok) return failed(uploaded)
  const fate = await ask(destination, uploaded.value, existing.value !== null)
  switch (fate.is) {
    case 'published':
      return receiptOf(destination, fate)
    case 'not_published':
      return { is: 'failed', problem: outcomeUnknown(settings, `publish ${request.place.name}`) }
    case 'failed':
    case 'cancelled':
      return fate
  }
}

/** Whether the data source is the one of the receipt, untouched, with the rows of the file. */
function isPublished(
  existing: TableauContent | null,
  last: Receipt | null,
  { last: recorded, content }: PublishRequest,
): boolean {
  return (
    existing !== null &&
    existing.id === last?.id &&
    existing.updatedAt === last.updatedAt &&
    recorded?.content === content
  )
}

/**
 * What became of the publication that this process or, by its journal, an earlier one asked for. null: there was none, or
 * it was of other rows.
 */
async function earlierFate(destination: Destination): Promise<Fate | null> {
  const { context, request, project } = destination
  const known = context.begun.get(request.asset) ?? request.unfinished
  const reference = parsePublishReference(known)
  const isHere =
    reference?.service === serviceOf(context.settings) &&
    reference.project === project.id &&
    reference.name === request.place.name
  if (reference === null || !isHere) return null
  // Its end is waited for in any case: it would replace what is published next.
  const fate =
    reference.job === null
      ? await fateByMark(destination, reference, [])
      : await fateOfJob(destination, reference, reference.job)
  if (fate.is === 'published' || fate.is === 'not_published') {
    context.begun.delete(request.asset)
    const isWanted = reference.content === request.content && !request.forced
    return fate.is === 'published' && !isWanted ? { is: 'not_published' } : fate
  }
  // A publication that failed is asked for again.
  return fate.is === 'failed' && fate.problem.code === 'tableau-job-failed'
    ? { is: 'not_published' }
    : fate
}

/** Asks for the publication of an upload, and waits for its end. `exists`: whether it replaces a data source. */
async function ask(destination: Destination, uploaded: string, exists: boolean): Promise<Fate> {
  const { context, request, project } = destination
  const { client, settings } = context
  const { name } = request.place
  const reference: PublishReference = {
    ...{ service: serviceOf(settings), project: project.id, name },
    ...{ content: request.content, mark: randomUUID().slice(0, 8), job: null },
  }
  await begin(destination, reference)
  const description = `${request.description === null ? '' : `${request.description.slice(0, LONGEST_DESCRIPTION)}\n\n`}${publishedBy(destination)}, run ${request.run} (${reference.mark}).`
  const payload = `<tsRequest><datasource name="${escaped(name)}" description="${escaped(description)}"><project id="${escaped(project.id)}"/></datasource></tsRequest>`
  const { body, type } = multipart([
    { name: 'request_payload', type: 'text/xml', bytes: Buffer.from(payload) },
  ])
  const sent = await client.send({
    ...{ method: 'POST', path: '/datasources', what: `publish ${name}`, body },
    headers: { 'content-type': type },
    query: {
      ...{ uploadSessionId: uploaded, datasourceType: 'hyper', asJob: 'true' },
      // With `create`, what someone publishes there meanwhile is not replaced.
      overwrite: String(exists || request.mode === 'overwrite'),
    },
  })
  if (!sent.ok) return failed(sent)
  return fateOfReply(destination, reference, sent.value)
}

async function fateOfReply(
  destination: Destination,
  reference: PublishReference,
  reply: Reply,
): Promise<Fate> {
  const { context, request, project } = destination
  switch (reply.reply) {
    case 'ok': {
      const job = jobIn(reply.body)
      if (job === null) return fateByMark(destination, reference, LOOKS)
      const named = { ...reference, job: job.id }
      await begin(destination, named)
      return fateOfJob(destination, named, job.id)
    }
    case 'refused': {
      const what = `publish ${request.place.name} to project ${project.path}`
      return { is: 'failed', problem: requestRefused(context.settings, what, reply.refusal) }
    }
    case 'unclear':
      return fateByMark(destination, reference, LOOKS)
  }
}

async function fateOfJob(
  destination: Destination,
  reference: PublishReference,
  job: string,
): Promise<Fate> {
  const { context, request } = destination
  const what = `publishing ${request.place.name}`
  const waited = await waitForJob(context, job, what, request)
  switch (waited.is) {
    case 'ended':
      return waited.job.outcome === 'succeeded'
        ? { is: 'published', job, endedAt: waited.job.completedAt }
        : { is: 'failed', problem: jobFailed(context.settings, waited.job, what) }
    case 'gone':
      return fateByMark(destination, reference, [])
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
 * What became of a publication without a job: whether the data source has its mark, once no publication is running.
 * Looks again after each of `delays`.
 */
async function fateByMark(
  destination: Destination,
  { mark }: PublishReference,
  delays: readonly number[],
): Promise<Fate> {
  const { context, request, project } = destination
  for (const delay of [0, ...delays]) {
    if (delay > 0) await context.timers.sleep(delay, request.signal)
    if (request.signal.aborted) return { is: 'cancelled', detail: '' }
    const running = await activePublications(context)
    if (!running.ok) return failed(running)
    for (const { id } of running.value ?? []) {
      const waited = await waitForJob(context, id, 'a publication', request)
      if (waited.is === 'interrupted') return { is: 'cancelled', detail: '' }
      if (waited.is === 'lost') return { is: 'failed', problem: waited.problem }
    }
    const found = await findDatasource(context, request.place.name, project)
    if (!found.ok) return failed(found)
    if (found.value?.description.includes(mark))
      return { is: 'published', job: null, endedAt: null }
  }
  return { is: 'not_published' }
}

/** The receipt of what has been published, unless others have changed it since the job ended. */
async function receiptOf(
  { context, request, project }: Destination,
  { job, endedAt }: Extract<Fate, { readonly is: 'published' }>,
): Promise<Published> {
  const { name } = request.place
  const found = await findDatasource(context, name, project)
  if (!found.ok) return failed(found)
  if (found.value === null) {
    return { is: 'failed', problem: notPublished(context.settings, name, project.path) }
  }
  const changedAt = timeOf(found.value.updatedAt)
  if (endedAt !== null && changedAt !== null && changedAt > endedAt + LATEST_CHANGE) {
    return { is: 'failed', problem: replaced(context.settings, name, found.value.updatedAt) }
  }
  const receipt: Receipt = {
    ...{ service: serviceOf(context.settings), project: request.place.project, name },
    ...{ id: found.value.id, updatedAt: found.value.updatedAt },
  }
  context.begun.delete(request.asset)
  const reference = `Tableau${job === null ? '' : ` job ${shortId(job)}`}: ${project.path}/${name}`
  return { is: 'published', receipt: { ...receipt }, reference }
}

async function begin({ context, request }: Destination, reference: PublishReference) {
  context.begun.set(request.asset, { ...reference })
  await request.onReference({ ...reference })
}

/** What the description of a data source says of who published it. */
const publishedBy = ({ context, request }: Destination): string =>
  `Published by assets from ${context.projectName}/${request.asset} on ${context.targetName}`

function failed({ problems }: Failure): { readonly is: 'failed'; readonly problem: Problem } {
  return { is: 'failed', problem: problems[0]! }
}
