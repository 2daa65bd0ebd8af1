import type { Content, Job, Project, Store } from './store.ts'

// The answers of Tableau's REST API, as XML. Elements and attributes are those that the vendor's client reads.

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('é', '&#233;')
    .replaceAll("'", '&#x27;')

export const responseXml = (inner: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?><tsResponse xmlns="http://tableau.com/api" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${inner}</tsResponse>`

export const errorXml = (code: string, summary: string, detail: string): string =>
  `<error code="${code}"><summary>${escaped(summary)}</summary><detail>${escaped(detail)}</detail></error>`

export const serverInfoXml = (version: string): string =>
  `<serverInfo><productVersion build="20261.26.0101.0000">2026.1.0</productVersion><restApiVersion>${version}</restApiVersion></serverInfo>`

export const credentialsXml = (token: string, { site, user }: Store): string =>
  `<credentials token="${token}" estimatedTimeToExpiration="240:00:00"><site id="${site.id}" contentUrl="${site.contentUrl}"/><user id="${user}"/></credentials>`

export const siteXml = ({ site }: Store): string =>
  `<site id="${site.id}" name="${escaped(site.name)}" contentUrl="${site.contentUrl}" state="Active"/>`

export const projectXml = ({ id, name, parent, writeable }: Project): string =>
  `<project id="${id}" name="${escaped(name)}" writeable="${writeable}"${parent === null ? '' : ` parentProjectId="${parent}"`}/>`

export const contentXml = ({ id, type, name, project, updatedAt, description }: Content): string =>
  `<${type} id="${id}" name="${escaped(name)}" description="${escaped(description).replaceAll('\n', '&#10;')}" contentUrl="${encodeURIComponent(name)}" createdAt="2026-01-01T00:00:00Z" updatedAt="${updatedAt}"><project id="${project.id}" name="${escaped(project.name)}"/><owner id="o"/><tags/></${type}>`

/** A job. `finishCode` is there before it has ended, as of the real server. */
export function jobXml(job: Job): string {
  const { id, type, content, createdAt, startedAt, completedAt, finishCode, notes } = job
  const times = [
    `createdAt="${createdAt}"`,
    ...(startedAt === null ? [] : [`startedAt="${startedAt}"`]),
    ...(completedAt === null ? [] : [`completedAt="${completedAt}"`]),
  ].join(' ')
  const about =
    content === null ? '' : `<${content.type} id="${content.id}" name="${escaped(content.name)}"/>`
  const detail =
    type === 'RefreshExtract'
      ? `<extractRefreshJob><notes>${escaped(notes)}</notes>${about}</extractRefreshJob>`
      : `<statusNotes><statusNote type="CountOfUsersAddedToGroup" value="0" text="${escaped(notes)}"/></statusNotes>`
  return `<job id="${id}" mode="Asynchronous" type="${type}" progress="${completedAt === null ? 0 : 100}" ${times} finishCode="${completedAt === null ? 1 : finishCode}">${detail}</job>`
}

export function backgroundJobXml(job: Job): string {
  const { id, type, createdAt, startedAt, completedAt, finishCode } = job
  const open = startedAt === null ? 'Pending' : 'InProgress'
  const status =
    completedAt === null ? open : ['Success', 'Failed', 'Cancelled', 'Success'][finishCode]
  const jobType = type === 'RefreshExtract' ? 'refresh_extracts' : 'publish_datasource'
  return `<backgroundJob id="${id}" status="${status}" createdAt="${createdAt}" startedAt="${startedAt ?? ''}" jobType="${jobType}" priority="50" title="${escaped(job.content?.name ?? '')}"/>`
}

export const userXml = (id: string, siteRole: string): string =>
  `<user id="${id}" name="nightly" siteRole="${siteRole}"/>`

/** One page of a list. */
export function pageXml<T>(
  element: string,
  items: readonly T[],
  xmlOf: (item: T) => string,
  query: URLSearchParams,
): string {
  const size = Number(query.get('pageSize') ?? 100)
  const number = Number(query.get('pageNumber') ?? 1)
  const page = items.slice((number - 1) * size, number * size)
  return `<pagination pageNumber="${number}" pageSize="${size}" totalAvailable="${items.length}"/><${element}>${page.map(xmlOf).join('')}</${element}>`
}
