import { ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Syncer } from '../../ports/connection.ts'
import type { Site } from '../../ports/site.ts'
import { systemTimers, type Timers } from '../timers.ts'
import type { AirbyteContext } from './context.ts'
import { type AirbyteSettings, readSettings } from './settings.ts'

/** A connection that Airbyte loads. Sends no request yet. Problems: those of `readSettings`. */
export function create(
  adapter: AdapterSettings,
  site: Site,
  timers: Timers = systemTimers,
): Result<Syncer> {
  const settings = readSettings(adapter)
  if (!settings.ok) return settings
  let cached: Promise<AirbyteContext> | null = null
  const context = () => {
    cached ??= createContext(settings.value, site, timers)
    return cached
  }
  return ok({
    type: 'airbyte',
    together: true,
    admin: null,
    async probe(requests) {
      const { probeStreams: pollJobs } = await import('./probe-streams.ts')
      return pollJobs(await context(), requests)
    },
    async sync(request) {
      const { sync } = await import('./sync.ts')
      return sync(await context(), request)
    },
    close: async () => {},
  })
}

async function createContext(
  settings: AirbyteSettings,
  site: Site,
  timers: Timers,
): Promise<AirbyteContext> {
  const [{ createSend }, { createApiClient }, { createApi, createInternalApi }] = await Promise.all(
    [import('./http.ts'), import('./client.ts'), import('./api.ts')],
  )
  const client = createApiClient(settings, createSend(timers), timers, site.clock)
  const noticed = new Set<string>()
  return {
    api: createApi(settings, client),
    internal: createInternalApi(settings, client),
    timers,
    clock: site.clock,
    ownJobs: new Map(),
    // A command may probe more than once and would repeat its notices.
    notice: (message) => {
      if (noticed.has(message)) return
      noticed.add(message)
      site.notice(message)
    },
  }
}
