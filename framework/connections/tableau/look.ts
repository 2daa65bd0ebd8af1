import type { Problem } from '../../model/problem.ts'
import type { Looked, Publication, SeenPublication } from '../../ports/publisher.ts'
import { contentOf } from './content.ts'
import type { TableauContext } from './context.ts'
import { elementIn } from './http.ts'
import { notAnswering, requestRefused } from './problems.ts'
import { parseReceipt } from './receipts.ts'

/**
 * Looks whether data sources are as their receipts say. Ends at the first problem: what Tableau does not answer once, it
 * does not answer the next time.
 */
export async function look(
  context: TableauContext,
  published: readonly Publication[],
): Promise<Looked> {
  const seen = new Map<string, SeenPublication>()
  const problems: Problem[] = []
  for (const publication of published) {
    const one = await lookAt(context, publication)
    if ('code' in one) {
      problems.push(one)
      break
    }
    seen.set(publication.asset, one)
  }
  return { seen, problems }
}

async function lookAt(
  { client, settings }: TableauContext,
  { place, receipt }: Publication,
): Promise<SeenPublication | Problem> {
  const { id, updatedAt } = parseReceipt(receipt)!
  const name = `the data source ${place.name}`
  const what = `read ${name}`
  const sent = await client.send({ method: 'GET', path: `/datasources/${id}`, what })
  if (!sent.ok) return sent.problems[0]!
  const { value: reply } = sent
  if (reply.reply === 'unclear') return notAnswering(settings, reply.message)
  if (reply.reply === 'refused') {
    if (reply.refusal.status !== 404) return requestRefused(settings, what, reply.refusal)
    return { is: 'gone', message: `${name} is gone from Tableau` }
  }
  const [content] = contentOf(elementIn(reply.body, 'datasource') ?? {})
  if (content === undefined) return notAnswering(settings, 'a data source without an id')
  if (content.name !== place.name) {
    return { is: 'replaced', message: `${name} was renamed ${content.name} in Tableau` }
  }
  return content.updatedAt === updatedAt
    ? { is: 'as_published' }
    : { is: 'replaced', message: `${name} was changed in Tableau on ${content.updatedAt}` }
}
