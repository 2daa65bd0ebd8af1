import { randomUUID } from 'node:crypto'
import { fail, type Result } from '../../model/problem.ts'
import type { Published, PublishRequest } from '../../ports/publisher.ts'
import { escaped } from './client.ts'
import { findDatasource, findProject, type TableauContent } from './content.ts'
import type { TableauContext } from './context.ts'
import { descriptionOf, hasMark, type Publisher, publisherIn } from './description.ts'
import { failed } from './failed.ts'
import { timeOf } from './http.ts'
import {
  fileUnreadable,
  nameShared,
  nameTaken,
  notPublished,
  outcomeUnknown,
  replaced,
} from './problems.ts'
import { begin, type Destination, earlierFate, type Fate, fateOfReply } from './publication-fate.ts'
import { type PublishReference, parseReceipt, type Receipt, shortId } from './receipts.ts'
import { serviceOf } from './settings.ts'
import { multipart, upload } from './upload.ts'

/** How long after the end of its job a data source may change by itself, in milliseconds. */
const LATEST_CHANGE = 60_000

/**
 * Publishes a file as a data source, unless its rows are published there. A publication is never asked for twice: the
 * journal names it before it is asked for, and its mark is in the description of the data source once it is carried out.
 */
export async function publish(
  context: TableauContext,
  request: PublishRequest,
): Promise<Published> {
  const project = await findProject(context, request.place.project)
  if (!project.ok) return failed(project)
  const destination: Destination = { context, request, project: project.value }
  const other = otherPublisher(destination)
  if (other !== null) {
    const { name } = request.place
    return { is: 'failed', problem: nameShared(context.settings, name, request.asset, other) }
  }
  return publishTo(destination)
}

/** Another asset that publishes there in this command: two spellings of a project may lead to one. */
function otherPublisher({ context, request, project }: Destination): string | null {
  const place = `${project.id}/${request.place.name.toLowerCase()}`
  const publisher = context.publishers.get(place) ?? request.asset
  context.publishers.set(place, publisher)
  return publisher === request.asset ? null : publisher
}

async function publishTo(destination: Destination): Promise<Published> {
  const { context, request, project } = destination
  const { settings } = context
  const { name } = request.place
  const earlier = await earlierFate(destination)
  if (earlier?.is === 'failed' || earlier?.is === 'cancelled') return earlier
  if (earlier?.is === 'published') {
    const published = await receiptOf(destination, earlier)
    // What became of it since is not what was published. It is published over, or again.
    if (published.is !== 'failed' || !isGoneOrReplaced(published.problem.code)) return published
  }
  const found = await findDatasource(context, name, project)
  if (!found.ok) return failed(found)
  const existing = found.value
  const last = parseReceipt(request.last?.receipt ?? null)
  if (
    !request.forced &&
    existing !== null &&
    last !== null &&
    isPublished(existing, last, request)
  ) {
    const receipt = receiptFor(destination, existing, last.mark)
    return { is: 'published', receipt, where: whereOf(destination), reference: null }
  }
  const mayReplace = request.mode === 'overwrite' || existing === null || existing.id === last?.id
  const owner = publisherIn(existing?.description ?? '')
  if (!mayReplace && !isSame(owner, publisherOf(destination))) {
    return { is: 'failed', problem: nameTaken(settings, name, project.path, owner) }
  }
  const uploaded = await uploadFile(destination)
  if (request.signal.aborted) return { is: 'cancelled', detail: '' }
  if (!uploaded.ok) return failed(uploaded)
  const fate = await ask(destination, uploaded.value, existing !== null)
  switch (fate.is) {
    case 'published':
      return receiptOf(destination, fate)
    case 'not_published':
      return { is: 'failed', problem: outcomeUnknown(settings, `publish ${name}`) }
    case 'failed':
    case 'cancelled':
      return fate
  }
}

/** Whether the data source is the one of the receipt, untouched, with the rows of the file. */
function isPublished(
  { id, updatedAt, description }: TableauContent,
  last: Receipt,
  { last: recorded, content }: PublishRequest,
): boolean {
  const isUntouched =
    id === last.id && updatedAt === last.updatedAt && hasMark(description, last.mark)
  return isUntouched && recorded?.content === content
}

/** Problems: those of `upload`; `tableau-file-unreadable`. */
async function uploadFile({ context, request }: Destination): Promise<Result<string>> {
  try {
    return await upload(context, request.file, request)
  } catch (error) {
    return fail(fileUnreadable(context.settings, request.file.path, error as Error))
  }
}

/** Asks for the publication of an upload, and waits for its end. `exists`: whether it replaces a data source. */
async function ask(destination: Destination, uploaded: string, exists: boolean): Promise<Fate> {
  const { context, request, project } = destination
  const { client, settings, clock } = context
  const { name } = request.place
  const mark = randomUUID().slice(0, 8)
  const reference: PublishReference = {
    ...{ service: serviceOf(settings), project: project.id, name },
    ...{ content: request.content, mark, askedAt: clock() + client.lead(), job: null },
  }
  await begin(destination, reference)
  const by = publisherOf(destination)
  const description = descriptionOf(request.description, by, request.run, mark)
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
  return sent.ok ? fateOfReply(destination, reference, sent.value) : failed(sent)
}

/**
 * The receipt of what has been published. Problems: the data source is not there, or has another mark; it changed after
 * the job ended.
 */
async function receiptOf(
  destination: Destination,
  { mark, job, endedAt }: Extract<Fate, { readonly is: 'published' }>,
): Promise<Published> {
  const { context, request, project } = destination
  const { name } = request.place
  const found = await findDatasource(context, name, project)
  if (!found.ok) return failed(found)
  const existing = found.value
  if (existing === null) {
    return { is: 'failed', problem: notPublished(context.settings, name, project.path) }
  }
  const changedAt = timeOf(existing.updatedAt)
  const isLate = endedAt !== null && changedAt !== null && changedAt > endedAt + LATEST_CHANGE
  if (isLate || !hasMark(existing.description, mark)) {
    return { is: 'failed', problem: replaced(context.settings, name, existing.updatedAt) }
  }
  context.begun.delete(request.asset)
  const reference = `Tableau${job === null ? '' : ` job ${shortId(job)}`}: ${project.path}/${name}`
  const receipt = receiptFor(destination, existing, mark)
  return { is: 'published', receipt, where: whereOf(destination), reference }
}

const isGoneOrReplaced = (code: string): boolean =>
  code === 'tableau-replaced' || code === 'tableau-not-published'

function receiptFor(
  { context, request, project }: Destination,
  { id, updatedAt }: TableauContent,
  mark: string,
): PublishedReceipt {
  const { project: within, name } = request.place
  const service = serviceOf(context.settings)
  return { service, project: within, projectId: project.id, name, id, updatedAt, mark }
}

const whereOf = ({ context, request, project }: Destination): string =>
  `data source ${request.place.name} in project ${project.path} at ${serviceOf(context.settings)}`

/** A receipt as JSON. */
type PublishedReceipt = { readonly [Key in keyof Receipt]: string }

const publisherOf = ({ context, request }: Destination): Publisher => ({
  project: context.projectName,
  asset: request.asset,
  target: context.targetName,
})

const isSame = (one: Publisher | null, other: Publisher): boolean =>
  one?.project === other.project && one.asset === other.asset && one.target === other.target
