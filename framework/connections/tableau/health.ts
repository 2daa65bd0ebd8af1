import { bad, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examine } from '../../ports/health.ts'
import type { ShownIn } from '../../ports/kind.ts'
import type { RefreshedContent } from '../../ports/publisher.ts'
import { systemTimers } from '../timers.ts'
import { type Client, createClient } from './client.ts'
import {
  type Finding,
  findRefreshed,
  projectNamed,
  readProjects,
  readSiteName,
  readSiteRole,
  type TableauProject,
} from './content.ts'
import { createSend } from './http.ts'
import { readSettings, type TableauSettings } from './settings.ts'

/** Milliseconds. A person waits for the answer, and a fault that passes is tried again by the next `doctor`. */
const RETRY_DELAYS = [500]
/** Most project names that are shown. */
const SHOWN = 5

/** Site roles whose users may not publish. */
const READERS = new Set(['Explorer', 'Viewer', 'ReadOnly', 'Guest', 'Interactor', 'Unlicensed'])

/** Examines the sign-in, the site, what the user of the token may do, and the projects of assets. Publishes nothing. */
export const examine: Examine = ({ settings: adapter, site, shown, signal }) => {
  const settings = readSettings(adapter)
  if (!settings.ok) throw new ProblemError(...settings.problems)
  const send = createSend(systemTimers)
  const client = createClient(settings.value, send, systemTimers, site.clock, signal, {
    retryDelays: RETRY_DELAYS,
  })
  return [{ part: null, facts: examineService(settings.value, client, shown) }]
}

async function* examineService(
  settings: TableauSettings,
  client: Client,
  shown: readonly ShownIn[],
): AsyncGenerator<HealthFact> {
  try {
    const session = await client.session()
    if (!session.ok) throw new ProblemError(...session.problems)
    yield good('service', `${settings.url}, REST API ${client.version()}`)
    // Tableau does not tell the age of a token.
    yield good('login', `token ${settings.tokenName}; it ends if it is not used for 15 days`)
    const site = await readSiteName(client)
    // A user without administration may not read the site.
    yield good('site', site.ok && site.value !== '' ? site.value : nameOf(settings))
    const role = await readSiteRole(client, session.value.userId)
    if (role !== null) yield roleFact(role)
    const projects = await readProjects(client, settings)
    if (!projects.ok) {
      yield factOf('projects', projects.problems[0]!)
      return
    }
    const named = [...new Set(shown.flatMap(({ project }) => project ?? []))]
    const mayPublish = role === null || !READERS.has(role)
    yield* projectFacts(settings, projects.value, mayPublish, named)
    const finding = { client, settings, projects: async () => projects }
    for (const { refreshes } of shown) {
      if (refreshes !== null) yield await refreshFact(finding, refreshes)
    }
  } finally {
    await client.close()
  }
}

function roleFact(role: string): HealthFact {
  if (READERS.has(role)) {
    const hint = 'give the user of the token the site role Explorer (can publish)'
    return bad('role', `${role}, which may not publish`, hint)
  }
  return /administrator/i.test(role)
    ? good('role', role)
    : good(
        'role',
        `${role}; it may not list the refreshes of others, so a run waits for them and refreshes again`,
      )
}

/** A fact for each project that assets name; without any, what there is. */
function projectFacts(
  settings: TableauSettings,
  projects: readonly TableauProject[],
  mayPublish: boolean,
  named: readonly string[],
): readonly HealthFact[] {
  if (named.length > 0) {
    return named.map((name) => {
      const found = projectNamed(projects, name, settings)
      const subject = `project ${name}`
      if (!found.ok) return factOf(subject, found.problems[0]!)
      return found.value.isWriteable === false
        ? bad(
            subject,
            'the user of the token may not publish to it',
            `in Tableau, give this user the right Publish in project ${name}`,
          )
        : good(subject, found.value.isWriteable && mayPublish ? 'may be published to' : 'is there')
    })
  }
  const paths = projects.map(({ path }) => path)
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : ''
  return [good('projects', `${paths.slice(0, SHOWN).join(', ')}${more}`)]
}

/** Whether what an asset refreshes is there. */
async function refreshFact(finding: Finding, content: RefreshedContent): Promise<HealthFact> {
  const subject = `${content.type === 'workbook' ? 'workbook' : 'data source'} ${content.name}`
  const found = await findRefreshed(finding, content)
  return found.ok
    ? good(subject, `is in project ${found.value.projectName}`)
    : factOf(subject, found.problems[0]!)
}

const nameOf = ({ site }: TableauSettings): string => (site === '' ? 'the default site' : site)
