import { join, relative, resolve } from 'node:path'
import { hash } from '../../lib/hash.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import type { Loan, Warehouse } from '../../ports/warehouse.ts'
import { databaseFile, type OpenOptions } from './database-file.ts'
import { createReader } from './reader.ts'
import { openProblem, openSession } from './session.ts'

/**
 * A DuckDB file as a warehouse. Its settings are those of `declaration.ts`; nothing is opened yet.
 * Problems: no path.
 */
export function create({ settings, at }: AdapterSettings, site: Site): Result<Warehouse> {
  const { path, threads, memory_limit: memoryLimit } = settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    return fail({
      code: 'warehouse-settings',
      message:
        'the DuckDB warehouse needs the path of a file, since other processes build in it too',
      at: { file: at.file, path: [...at.path, 'path'] },
    })
  }
  const absolute = resolve(site.root, path)
  const file = relative(site.root, absolute) || absolute
  const database = databaseFile(absolute)
  const options = (signal = site.signal): OpenOptions => ({
    limits: {
      threads: threads === undefined || threads === null ? null : Number(threads),
      memoryLimit: typeof memoryLimit === 'string' ? memoryLimit : null,
    },
    scratch: join(site.home, 'tmp', `duckdb-${hash(database.path).slice(0, 8)}`),
    signal,
    waiting: (error) => {
      site.notice(`waiting: ${openProblem(error, file).message}`)
    },
  })

  return ok({
    type: 'duckdb',
    resource: `duckdb:${database.path}`,
    gate: async () => database.gate(),
    open: (signal) => openSession(database, options(signal), file),
    async lend(use) {
      try {
        await database.waitUntilFree(options())
      } catch (error) {
        return fail(openProblem(error, file))
      }
      const loan: Loan = {
        profile: 'local',
        env: { DBT_DUCKDB_PATH: database.path },
        reader: (run) => createReader(run, file),
      }
      return ok(await database.lend(() => use(loan)))
    },
  })
}
