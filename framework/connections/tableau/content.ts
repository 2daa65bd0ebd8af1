import { closest } from '../../lib/did-you-mean.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { RefreshedContent } from '../../ports/publisher.ts'
import type { Client } from './client.ts'
import type { TableauContext } from './context.ts'
import { type Element, elementIn, elementsIn, textIn } from './http.ts'
import { ambiguousName, notAnswering, unknownName } from './problems.ts'
import type { TableauSettings } from './settings.ts'

/** A project of a site. */
export interface TableauProject {
  readonly id: string
  readonly name: string
  /** Its name after those of the projects that it is in: `Finance/Reports`. */
  readonly path: string
  /** Whether the user of the token may publish to it; null if Tableau does not say. */
  readonly isWriteable: boolean | null
}

/** What of a context finds content. */
export type Finding = Pick<TableauContext, 'client' | 'settings' | 'projects'>

export type ContentType = 'datasource' | 'workbook'

/** A data source or a workbook of a site. */
export interface TableauContent {
  readonly id: string
  readonly name: string
  readonly projectId: string
  readonly projectName: string
  readonly description: string
  /** As Tableau writes it; it changes with each publication. */
  readonly updatedAt: string
}

const PAGE = 100
/** A site has some thousand items at most; a server that never ends its list is ended here. */
const MOST_PAGES = 1_000

/** All projects that the user of the token sees. Problems: those of `Client.repeat`. */
export async function readProjects(
  client: Client,
  settings: TableauSettings,
): Promise<Result<readonly TableauProject[]>> {
  const read = await readPages(client, settings, {
    ...{ path: '/projects', list: 'projects', item: 'project' },
    what: 'list the projects',
  })
  if (!read.ok) return read
  const rows = read.value.flatMap((element) => {
    const id = textIn(element, 'id')
    const name = textIn(element, 'name')
    const parent = textIn(element, 'parentProjectId')
    const writeable = textIn(element, 'writeable')
    const isWriteable = writeable === null ? null : writeable === 'true'
    return id === null || name === null ? [] : [{ id, name, parent, isWriteable }]
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  const pathOf = (id: string, below: ReadonlySet<string>): string => {
    const { name, parent } = byId.get(id)!
    const isTop = parent === null || !byId.has(parent) || below.has(parent)
    return isTop ? name : `${pathOf(parent, new Set([...below, id]))}/${name}`
  }
  return ok(
    rows.map(({ id, name, isWriteable }) => ({
      ...{ id, name, isWriteable },
      path: pathOf(id, new Set()),
    })),
  )
}

/** The project of a name or a path. Problems: `tableau-unknown-name`; those of `readProjects`. */
export async function findProject(
  { projects, settings }: Finding,
  wanted: string,
): Promise<Result<TableauProject>> {
  const read = await projects()
  return read.ok ? projectNamed(read.value, wanted, settings) : read
}

/** The one of these projects that has a name or a path. Problem: `tableau-unknown-name`. */
export function projectNamed(
  projects: readonly TableauProject[],
  wanted: string,
  settings: TableauSettings,
): Result<TableauProject> {
  const byPath = projects.filter(({ path }) => path === wanted)
  const found = byPath.length > 0 ? byPath : projects.filter(({ name }) => name === wanted)
  const [only, ...more] = found
  if (only !== undefined && more.length === 0) return ok(only)
  const paths = (only === undefined ? projects : found).map(({ path }) => path)
  return fail(
    only === undefined
      ? unknownName(settings, 'project', wanted, closest(wanted, paths), paths)
      : ambiguousName(settings, 'project', wanted, paths),
  )
}

/** What has this name, in any project. Problems: those of `Client.repeat`. */
async function findContents(
  { client, settings }: Finding,
  type: ContentType,
  name: string | null,
): Promise<Result<readonly TableauContent[]>> {
  // These characters have a meaning in a filter.
  const filter = name === null || /[,:[\]]/.test(name) ? {} : { filter: `name:eq:${name}` }
  const read = await readPages(client, settings, {
    ...{ path: `/${type}s`, list: `${type}s`, item: type, query: filter },
    what: type === 'datasource' ? 'list the data sources' : 'list the workbooks',
  })
  if (!read.ok) return read
  const contents = read.value.flatMap(contentOf)
  // Tableau may take names of another case for equal.
  const wanted = name?.toLowerCase()
  return ok(
    contents.filter((content) => wanted === undefined || content.name.toLowerCase() === wanted),
  )
}

/** The data source of a name in a project; null if there is none. Problems: those of `Client.repeat`. */
export async function findDatasource(
  context: TableauContext,
  name: string,
  project: TableauProject,
): Promise<Result<TableauContent | null>> {
  const found = await findContents(context, 'datasource', name)
  if (!found.ok) return found
  const here = found.value.filter(({ projectId }) => projectId === project.id)
  return ok(here.find((content) => content.name === name) ?? here[0] ?? null)
}

/** What a refresh names. Problems: `tableau-unknown-name`; those of `Client.repeat`. */
export async function findRefreshed(
  context: Finding,
  { type, name, project }: RefreshedContent,
): Promise<Result<TableauContent>> {
  const { settings } = context
  const within = project === null ? null : await findProject(context, project)
  if (within?.ok === false) return within
  const named = await findContents(context, type, name)
  if (!named.ok) return named
  const found = named.value.filter(
    ({ projectId }) => within === null || projectId === within.value.id,
  )
  const [only, ...more] = found
  if (only !== undefined && more.length === 0) return ok(only)
  const word = type === 'datasource' ? 'data source' : 'workbook'
  if (only !== undefined) {
    const projects = found.map(({ projectName }) => projectName)
    return fail(ambiguousName(settings, word, name, projects))
  }
  const all = await findContents(context, type, null)
  if (!all.ok) return all
  const names = all.value.map((content) => content.name)
  return fail(unknownName(settings, word, name, closest(name, names), names))
}

export function contentOf(element: Element): readonly TableauContent[] {
  const id = textIn(element, 'id')
  const name = textIn(element, 'name')
  const updatedAt = textIn(element, 'updatedAt')
  const project = elementIn(element, 'project')
  if (id === null || name === null || updatedAt === null) return []
  return [
    {
      ...{ id, name, updatedAt },
      projectId: textIn(project, 'id') ?? '',
      projectName: textIn(project, 'name') ?? '',
      description: textIn(element, 'description') ?? '',
    },
  ]
}

interface List {
  /** Below `/sites/ID`. */
  readonly path: string
  /** The element of the list, and of an item in it. */
  readonly list: string
  readonly item: string
  readonly query?: Readonly<Record<string, string>>
  readonly what: string
}

/** The items on all pages of a list. Problems: those of `Client.repeat`; the list does not end. */
export async function readPages(
  client: Client,
  settings: TableauSettings,
  { path, list, item, query = {}, what }: List,
): Promise<Result<readonly Element[]>> {
  const items: Element[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const read = await client.repeat({
      method: 'GET',
      path,
      query: { ...query, pageSize: String(PAGE), pageNumber: String(page) },
      what,
    })
    if (!read.ok) return read
    const given = elementsIn(read.value, list, item)
    items.push(...given)
    const total = Number(textIn(elementIn(read.value, 'pagination'), 'totalAvailable'))
    // A server may give fewer on a page than it was asked for.
    if (given.length === 0 || !(items.length < total)) return ok(items)
  }
  return fail(notAnswering(settings, `its answer to "${what}" does not end`))
}

/** The name of the site of the session. Problems: those of `Client.repeat`. */
export async function readSiteName(client: Client): Promise<Result<string>> {
  const read = await client.repeat({ method: 'GET', path: '', what: 'read the site' })
  return read.ok ? ok(textIn(elementIn(read.value, 'site'), 'name') ?? '') : read
}

/** The site role of a user, such as `ExplorerCanPublish`; null if it may not be read. */
export async function readSiteRole(client: Client, user: string): Promise<string | null> {
  const path = `/users/${user}`
  const read = await client.repeat({ method: 'GET', path, what: 'read the user of the token' })
  return read.ok ? textIn(elementIn(read.value, 'user'), 'siteRole') : null
}
