import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import pg from 'pg'
import { create } from '../../framework/connections/postgres/index.ts'
import type { Json } from '../../framework/lib/json.ts'
import type { Connection } from '../../framework/ports/connection.ts'
import type { Site } from '../../framework/ports/site.ts'
import { startPostgres } from './postgres.ts'

/** A database of its own for one test, with the connection that reads it. */
export interface SourceRig {
  readonly connection: Connection
  /** Another connection to the same source, as a later process would make it. */
  again(settings?: Readonly<Record<string, Json>>): Connection
  exec(sql: string): Promise<void>
  /** What was told about slow things. */
  readonly notices: readonly string[]
  close(): Promise<void>
}

export interface SourceSuite {
  source(): Promise<SourceRig>
  stop(): Promise<void>
}

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The worker thread's program, bundled as `prepare` bundles it. */
export async function buildWorker(): Promise<URL> {
  // Beside node_modules, where its imports are found.
  const folder = join(project, 'node_modules', '.assets-tests')
  mkdirSync(folder, { recursive: true })
  const outfile = join(mkdtempSync(join(folder, 'worker-')), 'embedded-worker.mjs')
  await build({
    entryPoints: [join(project, 'framework/connections/postgres/embedded/worker.ts')],
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

/** A site with a root of its own and nothing in its target. */
export function testSite(root: string, notices: string[], signal?: AbortSignal): Site {
  const nothing = () => {
    throw new Error('not in this test')
  }
  return {
    root,
    home: join(root, '.assets'),
    project: nothing as never,
    target: nothing as never,
    env: {},
    clock: () => Date.UTC(2024, 0, 2, 3, 4, 5),
    signal: signal ?? new AbortController().signal,
    warehouse: nothing,
    connection: nothing,
    notice: (message) => notices.push(message),
  }
}

export function connectionTo(
  settings: Readonly<Record<string, Json>>,
  site: Site,
  worker?: URL,
): Connection {
  const at = { file: 'assets.yaml', path: ['targets', 'local', 'connections', 'shop'] }
  const created = create({ type: 'postgres', settings, at }, site, worker)
  if (!created.ok) throw new Error(created.problems[0]?.message)
  return created.value
}

/** Tests on a real server of this suite. */
export async function serverSuite(): Promise<SourceSuite> {
  const server = await startPostgres()
  return {
    async source() {
      const url = await server.database()
      const client = new pg.Client(url)
      await client.connect()
      const notices: string[] = []
      const root = mkdtempSync(join(tmpdir(), 'assets-source-'))
      const again = (settings: Readonly<Record<string, Json>> = {}) =>
        connectionTo({ url, ...settings }, testSite(root, notices))
      const connection = again()
      return {
        connection,
        again,
        notices,
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

/** Tests on the embedded source; it is made once and copied, since making it takes seconds. */
export async function embeddedSuite(): Promise<SourceSuite> {
  const worker = await buildWorker()
  const home = mkdtempSync(join(tmpdir(), 'assets-embedded-'))
  const settings = { url: 'embedded', embedded: { init: ['init.sql'] } }
  const template = join(home, 'template')
  mkdirSync(template)
  writeFileSync(join(template, 'init.sql'), 'create table made (x int);')
  const first = connectionTo(settings, testSite(template, []), worker)
  const made = await first.admin!.sql('select 1')
  if (!made.ok) throw new Error(made.problems[0]?.message)
  await first.close()
  let count = 0
  return {
    async source() {
      const root = join(home, `copy-${++count}`)
      cpSync(template, root, { recursive: true })
      const notices: string[] = []
      const again = (more: Readonly<Record<string, Json>> = {}) =>
        connectionTo({ ...settings, ...more }, testSite(root, notices), worker)
      const connection = again()
      return {
        connection,
        again,
        notices,
        async exec(sql) {
          const answer = await connection.admin!.sql(sql)
          if (!answer.ok) throw new Error(answer.problems[0]?.message)
        },
        async close() {
          await connection.close()
          rmSync(root, { recursive: true, force: true })
        },
      }
    },
    async stop() {
      rmSync(home, { recursive: true, force: true })
      rmSync(dirname(fileURLToPath(worker)), { recursive: true, force: true })
    },
  }
}
