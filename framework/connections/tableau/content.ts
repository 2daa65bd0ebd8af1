import { fail, ok, type Result } from '../../model/problem.ts'
import type { Client } from './client.ts'
import { type Element, elementIn, elementsIn, textIn } from './http.ts'
import { notAnswering } from './problems.ts'
import type { TableauSettings } from './settings.ts'

/** A project of a site. */
export interface TableauProject {
  readonly id: string
  readonly name: string
}

const PAGE = 100
/** A site has some thousand projects at most; a server that never ends its list is ended here. */
const MOST_PAGES = 1_000

/** All projects that the user of the token sees. Problems: those of `Client.read`. */
export async function readProjects(
  client: Client,
  settings: TableauSettings,
): Promise<Result<readonly TableauProject[]>> {
  const projects: TableauProject[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const read = await client.read({
      method: 'GET',
      path: '/projects',
      query: { pageSize: String(PAGE), pageNumber: String(page) },
      what: 'list the projects',
    })
    if (!read.ok) return read
    projects.push(...elementsIn(read.value, 'projects', 'project').flatMap(projectOf))
    const total = Number(textIn(elementIn(read.value, 'pagination'), 'totalAvailable'))
    // A server may give fewer on a page than it was asked for.
    const given = elementsIn(read.value, 'projects', 'project').length
    if (given === 0 || !(projects.length < total)) return ok(projects)
  }
  return fail(notAnswering(settings, 'its list of projects does not end'))
}

function projectOf(element: Element): readonly TableauProject[] {
  const id = textIn(element, 'id')
  const name = textIn(element, 'name')
  return id === null || name === null ? [] : [{ id, name }]
}

/** The name of the site of the session. Problems: those of `Client.read`. */
export async function readSiteName(client: Client): Promise<Result<string>> {
  const read = await client.read({ method: 'GET', path: '', what: 'read the site' })
  return read.ok ? ok(textIn(elementIn(read.value, 'site'), 'name') ?? '') : read
}
