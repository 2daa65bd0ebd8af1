import { ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Syncer } from '../../ports/connection.ts'
import type { Site } from '../../ports/site.ts'
import { readSettings, type Settings } from './settings.ts'
import type { Means } from './sync.ts'
import { realTiming, type Timing } from './timers.ts'

/** A connection that Airbyte serves. Asks nothing yet. Problems: a login that is none, a wrong url. */
export function create(
  adapter: AdapterSettings,
  site: Site,
  timing: Timing = realTiming,
): Result<Syncer> {
  const settings = readSettings(adapter)
  if (!settings.ok) return settings
  let made: Promise<Means> | null = null
  const means = () => {
    made ??= makeMeans(settings.value, site, timing)
    return made
  }
  return ok({
    type: 'airbyte',
    together: true,
    admin: null,
    async poll(requests) {
      const { look: poll } = await import('./poll.ts')
      return poll(await means(), requests)
    },
    async sync(request) {
      const { sync } = await import('./sync.ts')
      return sync(await means(), request)
    },
    close: async () => {},
  })
}

async function makeMeans(settings: Settings, site: Site, timing: Timing): Promise<Means> {
  const [{ sender }, { clientOf }, { apiOf, internalApiOf }] = await Promise.all([
    import('./http.ts'),
    import('./client.ts'),
    import('./api.ts'),
  ])
  const client = clientOf(settings, sender(timing), timing, site.clock)
  const told = new Set<string>()
  return {
    api: apiOf(settings, client),
    internal: internalApiOf(settings, client),
    timing,
    clock: site.clock,
    own: new Map(),
    // A command may look more than once.
    notice: (message) => {
      if (told.has(message)) return
      told.add(message)
      site.notice(message)
    },
  }
}
