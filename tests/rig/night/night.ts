import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import pg from 'pg'
import { CREDENTIALS, FakeAirbyte } from '../airbyte/fake.ts'
import { CONNECTION_ID } from '../airbyte/jobs.ts'
import {
  type CliOutput,
  type MaterializeOutput,
  materializeOutput,
  runCliAt,
} from '../airbyte/run-cli.ts'
import { VirtualTime } from '../airbyte/virtual-time.ts'
import { CliProject } from '../cli.ts'
import { type PostgresRig, startPostgres } from '../postgres.ts'
import { pythonWith, sharedPython } from '../python.ts'
import { readHyper, rowsOfCsv, sortedRows } from '../read-hyper.ts'
import { runAt as queryAt } from '../snowflake/account.ts'
import { FaultProxy } from '../snowflake/fault-proxy.ts'
import { type Lookalike, newDatabase, type Received } from '../snowflake/server.ts'
import { TableauLookAlike, TOKEN } from '../tableau/look-alike.ts'
import { Replication } from './replication.ts'
import { newKey, streamsOf } from './setup.ts'
import { Source } from './source.ts'

/** An access token of the fake Airbyte. */
const ACCESS_TOKEN = /\baccess-\d+-\d+\b/
const DAY = 24 * 3_600_000

/** The rows of reports, by name. */
type Reports = Readonly<Record<string, readonly string[]>>

/** The result of a run, and the requests that it sent to services. */
export interface NightResult extends MaterializeOutput {
  /** How many Airbyte syncs the run started. */
  readonly posts: number
  /** How often it signed in at Tableau. */
  readonly signIns: number
  /** The data sources that it published, by name in order, then the workbooks that it refreshed. */
  readonly shown: readonly string[]
  /** The statements that Snowflake received. */
  readonly statements: readonly Received[]
}

/**
 * The shipped project with its two targets, and the services of production: a PostgreSQL source with
 * change data capture, a fake Airbyte that replicates it, a Snowflake look-alike behind a fault proxy, a look-alike of
 * Tableau, and a PostgreSQL database for the state. Its virtual clock begins some days before the real date.
 */
export class ProductionRig {
  readonly source: Source
  readonly fake: FakeAirbyte
  readonly proxy: FaultProxy
  readonly tableau: TableauLookAlike
  readonly place: CliProject
  readonly time: VirtualTime
  /** The output of all commands so far. */
  output = ''
  readonly #server: PostgresRig
  readonly #account: Lookalike
  readonly #database: string
  readonly #hyper: string
  readonly #env: Record<string, string>
  readonly #secrets: readonly string[]

  private constructor(
    parts: Pick<ProductionRig, 'source' | 'fake' | 'proxy' | 'tableau' | 'place' | 'time'>,
    around: {
      readonly server: PostgresRig
      readonly account: Lookalike
      readonly database: string
      readonly env: Record<string, string>
      readonly secrets: readonly string[]
    },
  ) {
    this.source = parts.source
    this.fake = parts.fake
    this.proxy = parts.proxy
    this.tableau = parts.tableau
    this.place = parts.place
    this.time = parts.time
    this.#server = around.server
    this.#account = around.account
    this.#database = around.database
    this.#hyper = around.env.ASSETS_HYPER_PYTHON_ENV!
    this.#env = around.env
    this.#secrets = around.secrets
  }

  /** `days`: how many days before today the virtual clock begins. `hyper`: the Python environment with Hyper. */
  static async open(account: Lookalike, hyper: string, days: number): Promise<ProductionRig> {
    const time = new VirtualTime(Date.now() - days * DAY)
    const server = await startPostgres()
    const source = await Source.open(server)
    const state = await server.database()
    const database = newDatabase()
    const streams = streamsOf(source)
    const fake = await FakeAirbyte.start(streams, time)
    const replication = new Replication(source, { url: account.url, database }, time.clock)
    fake.onSync = (_all, job, whole) =>
      replication.sync(
        streams.map(({ name, selectedFields }) => ({
          name,
          columns: selectedFields.map(({ fieldPath: [column] }) => column),
          isWhole: whole.has(name),
        })),
        job,
      )
    const proxy = await FaultProxy.before(account.port)
    const tableau = await TableauLookAlike.start(time.clock)
    const project = tableau.store.addProject('DVD rental')
    tableau.store.addContent({ type: 'workbook', name: 'Sales overview', project })
    const key = newKey()
    const place = CliProject.dvdRental()
    // Raw tables expire at a fixed hour. It must not pass while the test runs.
    const hour = (new Date().getUTCHours() + 12) % 24
    const raw = readFileSync(place.path('assets/raw.yaml'), 'utf8')
    place.write('assets/raw.yaml', raw.replace('"0 2 * * *"', `"0 ${hour} * * *"`))
    const env = {
      TZ: 'UTC',
      NO_COLOR: '1',
      SOURCE_DATABASE_URL: source.url,
      AIRBYTE_URL: fake.url,
      AIRBYTE_CONNECTION_ID: CONNECTION_ID,
      AIRBYTE_CLIENT_ID: CREDENTIALS.id,
      AIRBYTE_CLIENT_SECRET: CREDENTIALS.secret,
      ASSETS_STATE_URL: state,
      SNOWFLAKE_ACCOUNT: 'lookalike',
      SNOWFLAKE_ACCESS_URL: proxy.url,
      SNOWFLAKE_DATABASE: database,
      SNOWFLAKE_PRIVATE_KEY: key,
      TABLEAU_URL: tableau.url,
      TABLEAU_SITE: 'rental',
      TABLEAU_TOKEN_NAME: TOKEN.name,
      TABLEAU_TOKEN: TOKEN.secret,
      ASSETS_HYPER_PYTHON_ENV: hyper,
    }
    const secrets = [TOKEN.secret, CREDENTIALS.secret, new URL(state).password, key.split('\n')[1]!]
    return new ProductionRig(
      { source, fake, proxy, tableau, place, time },
      { server, account, database, env, secrets },
    )
  }

  /** Moves the virtual clock by a day. */
  nextNight(): void {
    this.time.advance(DAY)
  }

  /** Runs `assets run nightly --target prod` in this process, as the schedule does. */
  async nightly(): Promise<NightResult> {
    const posts = this.fake.count('POST /jobs')
    const before = (await this.#received()).length
    const { store } = this.tableau
    const [signIns, jobs] = [this.tableau.signIns, store.jobs.length]
    store.publications.splice(0)
    const done = materializeOutput(await this.run('run', 'nightly', '--target', 'prod', '--json'))
    const refreshed = store.jobs
      .slice(jobs)
      .flatMap(({ type, content }) => (type === 'RefreshExtract' ? [content!.name] : []))
    return {
      ...done,
      signIns: this.tableau.signIns - signIns,
      shown: [...store.publications.toSorted(), ...refreshed],
      posts: this.fake.count('POST /jobs') - posts,
      statements: (await this.#received()).slice(before),
    }
  }

  /** Runs any command in this process. */
  async run(...argv: readonly string[]): Promise<CliOutput> {
    const isLocal = !argv.includes('prod')
    const env = { PATH: process.env.PATH, ...(await this.#environment(isLocal)) }
    const said = await runCliAt(this.time, argv, { cwd: this.place.root, env })
    this.output += said.stdout + said.stderr
    return said
  }

  /**
   * Starts `run nightly` as a child process, as a scheduler does, and kills it when `moment`
   * resolves.
   */
  async killed(moment: Promise<unknown>): Promise<void> {
    const args = ['run', 'nightly', '--target', 'prod']
    const running = this.place.start(args, await this.#environment(false))
    void moment.then(() => running.child.kill('SIGKILL'))
    const { signal, stdout, stderr } = await running.ended
    this.output += stdout + stderr
    if (signal !== 'SIGKILL') throw new Error(`it ended before it was killed:\n${stdout}${stderr}`)
    // The child used the real clock, so the virtual clock must catch up.
    this.time.advance(Math.max(0, Date.now() - this.time.now))
  }

  /**
   * The nodes that a run had to build or check: those that read a changed asset, directly or
   * through views.
   */
  async due({ outcomes }: MaterializeOutput): Promise<readonly string[]> {
    const { stdout } = await this.run('graph', '--checks', '--target', 'prod', '--json')
    const { nodes, edges } = JSON.parse(stdout) as {
      readonly nodes: readonly { readonly key: string }[]
      readonly edges: readonly { readonly source: string; readonly target: string }[]
    }
    const views = new Set(await this.list('config.materialized:view'))
    const changed = new Set<string>()
    const due: string[] = []
    for (const { key } of nodes) {
      const reads = edges.filter(({ target }) => target === key)
      const isTouched = reads.some(({ source }) => changed.has(source))
      if (isTouched && !views.has(key)) due.push(key)
      if (views.has(key) ? isTouched : outcomes[key] === 'built') changed.add(key)
    }
    return due.sort()
  }

  /** The names of the assets that a selection contains. */
  async list(select: string): Promise<readonly string[]> {
    const { stdout } = await this.run('list', select, '--target', 'prod', '--json')
    return (JSON.parse(stdout) as { readonly assets: readonly string[] }).assets
  }

  /** Resolves when Airbyte receives a request for this route. */
  asked(route: string): Promise<void> {
    return new Promise((resolve) => {
      this.fake.onCall = (called) => {
        if (called === route) resolve()
      }
    })
  }

  /** Queries the warehouse directly, not through `assets`. */
  query(sql: string): Promise<readonly (readonly unknown[])[]> {
    return queryAt(this.#account.url, this.#database, sql)
  }

  /** When the extracts of prod were written, by report. */
  written(): Readonly<Record<string, number>> {
    const folder = this.place.path('extracts/prod')
    return Object.fromEntries(
      readdirSync(folder).map((file) => [
        basename(file, '.hyper'),
        statSync(join(folder, file)).mtimeMs,
      ]),
    )
  }

  /**
   * The rows of all reports, in any order: as Tableau was given them, and as the local target has them in CSV, converted to
   * the same types.
   */
  async reports(): Promise<Readonly<Record<'published' | 'local', Reports>>> {
    const names = Object.keys(this.written())
    const published = this.tableau.store.contents.filter(({ type }) => type === 'datasource')
    const files = names.map((name) => {
      const file = this.place.path(`${name}.published.hyper`)
      writeFileSync(file, published.find((one) => one.name === name)!.bytes!)
      return file
    })
    const read = await readHyper(this.#hyper, ...files)
    for (const file of files) rmSync(file)
    const local = names.map(async (name, at) => {
      const csv = this.place.path(`extracts/local/${name}.csv`)
      return [name, existsSync(csv) ? sortedRows(await rowsOfCsv(csv, read[at]!)) : []] as const
    })
    return {
      published: Object.fromEntries(names.map((name, at) => [name, sortedRows(read[at]!.rows)])),
      local: Object.fromEntries(await Promise.all(local)),
    }
  }

  /** Where a secret leaked to: the output, files, tables of the state. */
  async leaks(): Promise<readonly string[]> {
    const holds = (text: string) =>
      ACCESS_TOKEN.test(text) || this.#secrets.some((secret) => text.includes(secret))
    const files = readdirSync(this.place.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => holds(readFileSync(file, 'latin1')))
    return [
      ...(holds(this.output) ? ['the output'] : []),
      ...files,
      ...(await this.#stateTables(holds)),
    ]
  }

  async close(): Promise<void> {
    this.place.remove()
    await this.proxy.close()
    await this.tableau.close()
    await this.source.close()
    await this.fake.stop()
    await this.#server.stop()
    if (this.fake.violations.length > 0) throw new Error(this.fake.violations.join('\n'))
  }

  async #received(): Promise<readonly Received[]> {
    const all = await this.#account.received(this.#database)
    return all.filter(({ tag }) => tag !== 'airbyte' && tag !== 'test')
  }

  async #environment(isLocal: boolean): Promise<Record<string, string>> {
    if (isLocal) return { ...this.#env, ASSETS_PYTHON_ENV: await sharedPython() }
    const python = await pythonWith('dbt/requirements-snowflake.txt')
    if (!python.ok) throw new Error(python.problems[0]?.message)
    return { ...this.#env, ASSETS_PYTHON_ENV: python.value }
  }

  /** The tables of the state with a row whose text is wanted. */
  async #stateTables(wanted: (text: string) => boolean): Promise<readonly string[]> {
    const client = new pg.Client({ connectionString: this.#env.ASSETS_STATE_URL })
    await client.connect()
    try {
      const { rows } = await client.query(
        `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
         where table_schema not in ('pg_catalog', 'information_schema')`,
      )
      const found: string[] = []
      for (const { name } of rows) {
        const held = await client.query(`select one::text as text from ${name} as one`)
        if (held.rows.some(({ text }) => wanted(text))) found.push(name)
      }
      return found
    } finally {
      await client.end()
    }
  }
}
