import { factOf, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examine } from '../../ports/health.ts'
import { systemTimers } from '../timers.ts'
import { type Client, createClient } from './client.ts'
import { readProjects, readSiteName } from './content.ts'
import { createSend } from './http.ts'
import { readSettings, type TableauSettings } from './settings.ts'

/** Milliseconds. A person waits for the answer, and a fault that passes is tried again by the next `doctor`. */
const RETRY_DELAYS = [500]
/** Most project names that are shown. */
const SHOWN = 5

/** Examines the sign-in, the site, and what the user of the token sees. Publishes nothing. */
export const examine: Examine = ({ settings: adapter, site, signal }) => {
  const settings = readSettings(adapter)
  if (!settings.ok) throw new ProblemError(...settings.problems)
  const send = createSend(systemTimers)
  const client = createClient(settings.value, send, systemTimers, site.clock, signal, RETRY_DELAYS)
  return [{ part: null, facts: examineService(settings.value, client) }]
}

async function* examineService(
  settings: TableauSettings,
  client: Client,
): AsyncGenerator<HealthFact> {
  try {
    const session = await client.session()
    if (!session.ok) throw new ProblemError(...session.problems)
    yield good('service', `${settings.url}, REST API ${client.version()}`)
    yield good('login', `token ${settings.tokenName}; each use postpones its end after 15 days`)
    const site = await readSiteName(client)
    // A user without administration may not read the site.
    yield good('site', site.ok && site.value !== '' ? site.value : nameOf(settings))
    const projects = await readProjects(client, settings)
    if (!projects.ok) {
      yield factOf('projects', projects.problems[0]!)
      return
    }
    const names = projects.value.map(({ name }) => name)
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
    yield good('projects', `${names.slice(0, SHOWN).join(', ')}${more}`)
  } finally {
    await client.close()
  }
}

const nameOf = ({ site }: TableauSettings): string => (site === '' ? 'the default site' : site)
