import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import pg from 'pg'
import { create } from '../../framework/connections/postgres/index.ts'
import type { Json } from '../../framework/lib/json.ts'
import type { Loader } from '../../framework/ports/connection.ts'
import type { Site } from '../../framework/ports/site.ts'
import { startPostgres } from './postgres.ts'

/** The database of one test, with the connection that reads it. */
export interface SourceRig {
  readonly connection: Loader
  exec(sql: string): Promise<void>
  /** Empty for the embedded source. */
  readonly url: string
  close(): Promise<void>
}

export interface SourceSuite {
  source(): Promise<SourceRig>
  /** The number of sources so far, for unique names on the server. */
  readonly count: number
  stop(): Promise<void>
}

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Bundles a file as `prepare` does, for a thread or process that cannot read TypeScript. */
export async function bundled(entry: string): Promise<URL> {
  // Inside node_modules, so that its imports resolve.
  const folder = join(project, 'node_modules', '.assets-tests')
  mkdirSync(folder, { recursive: true })
  const outfile = join(mkdtempSync(join(folder, 'bundle-')), 'entry.mjs')
  await build({
    entryPoints: [join(project, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  })
  return pathToFileURL(outfile)
}

/** A site with the given root and no target. */
export function testSite(root: string, notices: string[], signal?: AbortSignal): Site {
  const nothing = () => {
    throw new Error('not in this test')
  }
  return {
    root,
    home: join(root, '.assets'),
    project: { dbt: null } as never,
    target: nothing as never,
    env: {},
    shell: {},
    clock: () => Date.UTC(2024, 0, 2, 3, 4, 5),
    signal: signal ?? new AbortController().signal,
    warehouse: nothing,
    fileFormat: () => {
      throw new Error('no file format is used here')
    },
    pythonLibrary: async () => null,
    connection: nothing,
    publisher: nothing,
    notice: (message) => notices.push(message),
  }
}

export function connectionTo(
  settings: Readonly<Record<string, Json>>,
  site: Site,
  worker?: URL,
): Loader {
  const at = { file: 'assets.yaml', path: ['targets', 'local', 'connections', 'shop'] }
  const created = create({ type: 'postgres', settings, at }, site, worker)
  if (!created.ok) throw new Error(created.problems[0]?.message)
  return created.value
}

/**
 * A suite on a real server. `ASSETS_TEST_POSTGRES_BIN` names the folder with the programs of another
 * version than that of the npm package.
 */
export async function serverSuite(): Promise<SourceSuite> {
  const bin = process.env.ASSETS_TEST_POSTGRES_BIN
  const server = await startPostgres(bin === undefined ? {} : { bin })
  let count = 0
  return {
    get count() {
      return count
    },
    async source() {
      count++
      const url = await server.database()
      const client = new pg.Client(url)
      await client.connect()
      const root = mkdtempSync(join(tmpdir(), 'assets-source-'))
      const connection = connectionTo({ url }, testSite(root, []))
      return {
        connection,
        url,
        exec: async (sql) => {
          await client.query(sql)
        },
        async close() {
          await connection.close()
          await client.end()
          rmSync(root, { recursive: true, force: true })
        },
      }
    },
    stop: () => server.stop(),
  }
}

/** The settings of an embedded source with one init file. */
export const EMBEDDED = {
  url: 'embedded',
  embedded: { init: ['init.sql'], settings: { 'sample.scale': 1 } },
}

/** A project with an embedded source that exists already, to be copied for each test. */
export async function embeddedTemplate() {
  const worker = await bundled('framework/connections/postgres/embedded/worker.ts')
  const home = mkdtempSync(join(tmpdir(), 'assets-embedded-'))
  const template = join(home, 'template')
  mkdirSync(template)
  writeFileSync(
    join(template, 'init.sql'),
    'create table made (x int); insert into made values (1);',
  )
  const notices: string[] = []
  const connection = connectionTo(EMBEDDED, testSite(template, notices), worker)
  const answer = await connection.admin!.sql('select 1')
  if (!answer.ok) throw new Error(answer.problems[0]?.message)
  await connection.close()
  let count = 0
  return {
    worker,
    /** The notices of its creation. */
    notices,
    /** The root of another project with a copy of the source. */
    copy(): string {
      const root = join(home, `copy-${++count}`)
      cpSync(template, root, { recursive: true })
      return root
    },
    remove() {
      rmSync(home, { recursive: true, force: true })
      rmSync(dirname(fileURLToPath(worker)), { recursive: true, force: true })
    },
  }
}

/** Drops all schemas of a database, except those of PostgreSQL. */
export const EMPTY = `do $$ declare name text; begin
  for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  loop execute format('drop schema %I cascade', name); end loop;
  create schema public;
end $$`

/** A suite on one embedded source, emptied for each test, because opening one takes a second. */
export async function embeddedSuite(): Promise<SourceSuite> {
  const template = await embeddedTemplate()
  const notices: string[] = []
  const site = testSite(template.copy(), notices)
  const connection = connectionTo(EMBEDDED, site, template.worker)
  const exec = async (sql: string) => {
    const answer = await connection.admin!.sql(sql)
    if (!answer.ok) throw new Error(answer.problems[0]?.message)
  }
  let count = 0
  return {
    get count() {
      return count
    },
    async source() {
      count++
      await exec(EMPTY)
      return { connection, exec, url: '', close: async () => {} }
    },
    async stop() {
      await connection.close()
      template.remove()
    },
  }
}
