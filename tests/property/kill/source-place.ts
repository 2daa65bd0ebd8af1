import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { contentOf } from '../../rig/dbt/content.ts'
import { type PostgresRig, startPostgres } from '../../rig/postgres.ts'
import type { Random } from '../random.ts'
import { undisturbed } from './command.ts'
import type { KillPlace, KillProject } from './place.ts'

const PROJECT = `version: 1
project: kills
default_target: local
targets:
  local:
    warehouse: {type: duckdb, path: .assets/warehouse.duckdb}
    connections:
      shop: {type: postgres, url: "\${SOURCE_DATABASE_URL}"}
assets:
  raw_orders: {kind: airbyte, connection: shop, stream: orders, sync: incremental_dedup, primary_key: [id]}
  raw_items: {kind: airbyte, connection: shop, stream: items, sync: incremental_append, cursor: id, primary_key: [id]}
  raw_notes: {kind: airbyte, connection: shop, stream: notes, sync: full_refresh}
  orders: {kind: extract, deps: [raw_orders], to: extracts/orders.csv, columns: [id, amount, at], order_by: [id]}
  items: {kind: extract, deps: [raw_items], to: extracts/items.parquet, columns: [id, of, name], order_by: [id]}
  notes: {kind: extract, deps: [raw_notes], to: extracts/notes.csv, columns: [id, text], order_by: [id, text]}
  lines: {kind: command, deps: [orders, notes], run: "sleep 0.2; cat extracts/*.csv | wc -l > lines.txt", outputs: [lines.txt]}
`

const ROWS = `
  create table orders (id integer primary key, amount numeric(8, 2), at timestamptz);
  create table items (id bigint primary key, of integer, name text);
  create table notes (id integer, text text);
  insert into orders select n, n / 7.0, to_timestamp(n * 1000) from generate_series(1, 20000) n;
  insert into items select n, n % 20000, 'item ' || n from generate_series(1, 60000) n;
  insert into notes select n, repeat('note ' || n, 5) from generate_series(1, 5000) n`
const MORE = `
  update orders set amount = amount + 1 where id % 3 = 0;
  delete from orders where id % 1000 = 1;
  insert into items select n, n % 20000, 'item ' || n from generate_series(60001, 65000) n;
  update notes set text = upper(text) where id % 2 = 0`

/** Tables of a PostgreSQL server, loaded into DuckDB, and extracts of them. From nothing, or with new rows. */
export class SourcePlace implements KillPlace {
  readonly name = 'a PostgreSQL source'
  readonly span = 1_500
  readonly #server: PostgresRig
  readonly #templates: ReadonlyMap<'first' | 'more', Template>

  private constructor(server: PostgresRig, templates: ReadonlyMap<'first' | 'more', Template>) {
    this.#server = server
    this.#templates = templates
  }

  static async create(): Promise<SourcePlace> {
    const server = await startPostgres()
    const templates = new Map<'first' | 'more', Template>()
    for (const which of ['first', 'more'] as const) {
      const url = await server.database()
      const project = new SourceProject(url, server, null)
      await query(url, ROWS)
      if (which === 'more') {
        await undisturbed(project)
        await query(url, MORE)
      }
      const before = mkdtempSync(join(tmpdir(), 'assets-kill-'))
      cpSync(project.root, before, { recursive: true })
      await undisturbed(project)
      templates.set(which, { before, url, expected: await project.content() })
      rmSync(project.root, { recursive: true, force: true })
    }
    return new SourcePlace(server, templates)
  }

  async begin(random: Random) {
    const { before, url, expected } = this.#templates.get(random.pick(['first', 'more'] as const)!)!
    return { project: new SourceProject(url, this.#server, before), expected }
  }

  async end(project: KillProject): Promise<void> {
    rmSync(project.root, { recursive: true, force: true })
  }

  async close(): Promise<void> {
    for (const { before } of this.#templates.values()) rmSync(before, { recursive: true })
    await this.#server.stop()
  }
}

interface Template {
  /** The folder of a project that is to be built. */
  readonly before: string
  readonly url: string
  readonly expected: unknown
}

class SourceProject implements KillProject {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-kill-'))
  readonly env: Readonly<Record<string, string>>
  readonly servers: KillProject['servers']
  readonly ofServer = ['raw_orders', 'raw_items', 'raw_notes']
  readonly #url: string

  constructor(url: string, server: PostgresRig, template: string | null) {
    this.#url = url
    this.env = { SOURCE_DATABASE_URL: url }
    this.servers = { source: () => server.restart('SIGQUIT') }
    if (template === null) writeFileSync(join(this.root, 'assets.yaml'), PROJECT)
    else cpSync(template, this.root, { recursive: true })
  }

  async content(): Promise<unknown> {
    const files = [
      'extracts/orders.csv',
      'extracts/notes.csv',
      'extracts/items.parquet',
      'lines.txt',
    ]
    return {
      tables: await contentOf(join(this.root, '.assets/warehouse.duckdb')),
      files: files.map((file) => readFileSync(join(this.root, file)).toString('base64')),
    }
  }

  async left(): Promise<readonly string[]> {
    return query(
      this.#url,
      `select 'a session: ' || query from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and backend_type = 'client backend'
       union all select 'a replication slot: ' || slot_name from pg_replication_slots
       union all select 'a table: ' || relname from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace
           and relname not in ('orders', 'items', 'notes')`,
    )
  }
}

/** Runs statements and returns the first column of the last one. */
async function query(url: string, sql: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result = await client.query({ text: sql, rowMode: 'array' })
    return (Array.isArray(result) ? result.at(-1) : result).rows.map(([first]: [string]) => first)
  } finally {
    await client.end()
  }
}
