import type { Problem } from '../../model/problem.ts'
import type { Looked, Publication, SeenPublication } from '../../ports/publisher.ts'
import { contentOf } from './content.ts'
import type { TableauContext } from './context.ts'
import { hasMark } from './description.ts'
import { elementIn } from './http.ts'
import { notAnswering, requestRefused } from './problems.ts'
import { parseReceipt } from './receipts.ts'

/**
 * Looks whether data sources are as their receipts say. Ends where Tableau does not answer: it does not answer the next
 * time either. A data source that this user may not see is a problem of its own asset.
 */
export async function look(
  context: TableauContext,
  published: readonly Publication[],
): Promise<Looked> {
  const seen = new Map<string, SeenPublication>()
  const problems: Problem[] = []
  for (const publication of published) {
    const one = await lookAt(context, publication)
    if (one.is === 'unseen') {
      problems.push(one.problem)
      if (one.problem.asset === undefined) break
    } else seen.set(publication.asset, one)
  }
  return { seen, problems }
}

async function lookAt(
  { client, settings }: TableauContext,
  { asset, place, receipt }: Publication,
): Promise<SeenPublication | { readonly is: 'unseen'; readonly problem: Problem }> {
  const { id, updatedAt, projectId, mark } = parseReceipt(receipt)!
  const name = `the data source ${place.name}`
  const what = `read ${name}`
  const sent = await client.send({ method: 'GET', path: `/datasources/${id}`, what })
  if (!sent.ok) return { is: 'unseen', problem: sent.problems[0]! }
  const { value: reply } = sent
  if (reply.reply === 'unclear') {
    return { is: 'unseen', problem: notAnswering(settings, reply.message) }
  }
  if (reply.reply === 'refused') {
    if (reply.refusal.status === 404) {
      return { is: 'gone', message: `${name} is gone from Tableau` }
    }
    const problem = { ...requestRefused(settings, what, reply.refusal), asset }
    return { is: 'unseen', problem }
  }
  const [content] = contentOf(elementIn(reply.body, 'datasource') ?? {})
  if (content === undefined) {
    return { is: 'unseen', problem: notAnswering(settings, 'a data source without an id') }
  }
  if (content.name !== place.name) {
    return { is: 'gone', message: `${name} was renamed ${content.name} in Tableau` }
  }
  if (content.projectId !== projectId) {
    return {
      is: 'gone',
      message: `${name} was moved to project ${content.projectName} in Tableau`,
    }
  }
  const isUntouched = content.updatedAt === updatedAt && hasMark(content.description, mark)
  return isUntouched
    ? { is: 'as_published' }
    : {
        is: 'replaced',
        message: `changed in Tableau, data source ${place.name}, ${content.updatedAt}`,
      }
}
