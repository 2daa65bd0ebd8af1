import { mkdirSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { hash } from '../../lib/hash.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import type { Loan, Scratch, ScratchSchema, Warehouse } from '../../ports/warehouse.ts'
import { databaseFile, type OpenOptions } from './database-file.ts'
import { literal, quoted } from './names.ts'
import { createReader } from './reader.ts'
import { openProblem, openSession } from './session.ts'

const SCRATCH = ['__assets_verify_1', '__assets_verify_2'] as const

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
  const scratch = join(site.home, 'tmp', `duckdb-${hash(database.path).slice(0, 8)}`)
  // Whoever opens the file next clears the folder above; while we have it, nobody does.
  const verified = join(scratch, `verify-${process.pid}`)
  const options = (signal = site.signal): OpenOptions => ({
    limits: {
      threads: threads === undefined || threads === null ? null : Number(threads),
      memoryLimit: typeof memoryLimit === 'string' ? memoryLimit : null,
    },
    scratch,
    signal,
    waiting: (error) => {
      site.notice(`waiting: ${openProblem(error, file).message}`)
    },
  })

  const roomIn = (database: string): ScratchSchema => ({
    database,
    prefix: '',
    reader: (run) => createReader(run, file, database),
  })

  /** In files beside, so that the warehouse itself stays as it is, byte for byte. */
  const scratchIn = (folder: string): Scratch => ({
    schemas: [roomIn(SCRATCH[0]), roomIn(SCRATCH[1])],
    prepare: async () =>
      ok(
        SCRATCH.map(
          (name) =>
            `attach if not exists ${literal(join(folder, `${name}.duckdb`))} as ${quoted(name)}`,
        ),
      ),
  })

  return ok({
    type: 'duckdb',
    resource: `duckdb:${database.path}`,
    changeToken: async () => database.gate(),
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
        scratch: scratchIn(verified),
      }
      mkdirSync(verified, { recursive: true })
      try {
        return ok(await database.lend(() => use(loan)))
      } finally {
        rmSync(verified, { recursive: true, force: true })
      }
    },
  })
}
