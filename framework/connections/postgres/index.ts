import { ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Loader } from '../../ports/connection.ts'
import type { Site } from '../../ports/site.ts'
import { embeddedSource } from './embedded/embedded-source.ts'
import { workerEntry } from './embedded/worker-entry.ts'
import { EMBEDDED, readSettings } from './settings.ts'
import { serverSource } from './source/server.ts'

/**
 * A connection that reads from PostgreSQL: a server, or one embedded in this process, whose worker thread
 * runs the program `worker`. Opens nothing yet.
 */
export function create(
  adapter: AdapterSettings,
  site: Site,
  worker: URL = workerEntry,
): Result<Loader> {
  const settings = readSettings(adapter)
  const source =
    settings.url === EMBEDDED
      ? embeddedSource(settings, { site, worker, at: adapter.at })
      : serverSource(settings)
  return ok({
    type: 'postgres',
    together: false,
    async probe(requests) {
      const { probeStreams } = await import('./probe/probe.ts')
      return probeStreams(source, requests, settings.schema)
    },
    async load(request) {
      const { loadStreams } = await import('./load/load-streams.ts')
      await loadStreams(source, request, { schema: settings.schema, clock: site.clock })
      await source.rest()
    },
    admin: source.admin,
    close: () => source.close(),
  })
}
