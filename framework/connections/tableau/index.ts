import type { Json } from '../../lib/json.ts'
import { ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Publisher } from '../../ports/publisher.ts'
import type { Site } from '../../ports/site.ts'
import { systemTimers, type Timers } from '../timers.ts'
import type { TableauProject } from './content.ts'
import type { TableauContext } from './context.ts'
import { parseReceipt } from './receipts.ts'
import { readSettings, serviceOf, type TableauSettings } from './settings.ts'

/** A site of Tableau. Sends no request yet. Problems: those of `readSettings`. */
export function create(
  adapter: AdapterSettings,
  site: Site,
  timers: Timers = systemTimers,
): Result<Publisher> {
  const read = readSettings(adapter)
  if (!read.ok) return read
  const settings = read.value
  let created: Promise<TableauContext> | null = null
  const context = () => {
    created ??= createContext(settings, site, timers)
    return created
  }
  return ok({
    type: 'tableau',
    format: 'hyper',
    holds(receipt, { name, project }) {
      const parsed = parseReceipt(receipt)
      const isHere = parsed?.service === serviceOf(settings)
      return isHere && parsed.name === name && parsed.project === project
    },
    hasRefreshed: (receipt) =>
      (receipt as { readonly service?: Json } | null)?.service === serviceOf(settings),
    async look(published) {
      return (await import('./look.ts')).look(await context(), published)
    },
    async publish(request) {
      return (await import('./publish.ts')).publish(await context(), request)
    },
    async refresh(request) {
      return (await import('./refresh.ts')).refresh(await context(), request)
    },
    async close() {
      if (created !== null) await (await created).client.close()
    },
  })
}

async function createContext(
  settings: TableauSettings,
  site: Site,
  timers: Timers,
): Promise<TableauContext> {
  const [{ createClient }, { createSend }, { readProjects }] = await Promise.all([
    import('./client.ts'),
    import('./http.ts'),
    import('./content.ts'),
  ])
  const client = createClient(settings, createSend(timers), timers, site.clock, site.signal, {
    notice: (message) => site.notice(message),
  })
  let projects: Promise<Result<readonly TableauProject[]>> | null = null
  return {
    settings,
    client,
    projectName: site.project.name,
    targetName: site.target.name,
    timers,
    clock: site.clock,
    async projects() {
      projects ??= readProjects(client, settings)
      const read = await projects
      if (!read.ok) projects = null
      return read
    },
    begun: new Map(),
    publishers: new Map(),
  }
}
