import { mkdirSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { literal, quoted } from '../../engines/duckdb/names.ts'
import { hash } from '../../lib/hash.ts'
import { settingPathProblem } from '../../model/path-problem.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import { type AdapterSettings, isTaken } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import type { DbtPlace, Loan, Scratch, ScratchSchema, Warehouse } from '../../ports/warehouse.ts'
import { asDbtOf } from './as-dbt.ts'
import { type DuckdbOpenOptions, databaseFile } from './database-file.ts'
import { changeTokenOf, whyUnseen } from './other-databases.ts'
import { createReader } from './reader.ts'
import { openProblem, openSession } from './session.ts'

const SCRATCH = ['__assets_verify_1', '__assets_verify_2'] as const

/**
 * A DuckDB file as a warehouse. The settings are described in `declaration.ts`. Opens nothing. Problem:
 * `warehouse-settings` when `path` is missing or is not a file, `invalid-path`.
 */
export function create(adapter: AdapterSettings, site: Site): Result<Warehouse> {
  const { settings, at } = adapter
  const { path, threads, memory_limit: memoryLimit } = settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
    return fail({
      code: 'warehouse-settings',
      message:
        "the DuckDB warehouse needs a file: `path` can't be empty or in memory, because dbt opens it too",
      at: { file: at.file, path: [...at.path, 'path'] },
    })
  }
  const invalid = settingPathProblem(adapter, 'path')
  if (invalid !== null) return fail(invalid)
  const absolute = resolve(site.root, path)
  const file = relative(site.root, absolute) || absolute
  const database = databaseFile(absolute)
  const temporaryFolder = join(site.home, 'tmp', `duckdb-${hash(database.path).slice(0, 8)}`)
  // The next process to open the file empties the temporary folder, so a kill leaves nothing behind.
  const scratchFolder = join(temporaryFolder, `verify-${process.pid}`)
  const like = asDbtOf(adapter)
  const options = (signal = site.signal): DuckdbOpenOptions => ({
    ofDbt: () => site.pythonLibrary('duckdb'),
    limits: {
      threads: threads === undefined || threads === null ? null : Number(threads),
      memoryLimit: typeof memoryLimit === 'string' ? memoryLimit : null,
    },
    temporaryFolder,
    searchFolder: site.project.dbt && resolve(site.root, site.project.dbt.projectDir),
    like,
    signal,
    onLocked: (error) => {
      site.notice(`waiting: ${openProblem(error, file).message}`)
    },
  })

  const scratchSchemaIn = (database: string, folder: string): ScratchSchema => ({
    database,
    prefix: '',
    folder: join(folder, database),
    reader: (run) => createReader(run, file, database),
  })

  /** Scratch schemas are separate database files, so the warehouse file does not change. */
  const scratchIn = (folder: string): Scratch => ({
    schemas: [scratchSchemaIn(SCRATCH[0], folder), scratchSchemaIn(SCRATCH[1], folder)],
    prepare: async () =>
      ok(
        SCRATCH.map(
          (name) =>
            `attach if not exists ${literal(join(folder, `${name}.duckdb`))} as ${quoted(name)}`,
        ),
      ),
  })

  const dbt: DbtPlace = {
    env: { DBT_DUCKDB_PATH: database.path },
    keys: { type: 'duckdb', path: database.path },
  }

  return ok({
    type: 'duckdb',
    resource: `duckdb:${database.path}`,
    dbt,
    changeToken: async () => changeTokenOf(database, file, like),
    whyUnseen: (relation) => whyUnseen(relation, like, database, isTaken(site.target.warehouse)),
    open: (signal) => openSession(database, options(signal), file),
    async lend(use) {
      try {
        await database.waitUntilFree(options())
      } catch (error) {
        return fail(openProblem(error, file))
      }
      const loan: Loan = {
        env: dbt.env,
        reader: (run) => createReader(run, file),
        scratch: scratchIn(scratchFolder),
      }
      mkdirSync(scratchFolder, { recursive: true })
      try {
        return ok(await database.lend(like, () => use(loan)))
      } finally {
        rmSync(scratchFolder, { recursive: true, force: true })
      }
    },
  })
}
