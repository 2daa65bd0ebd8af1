import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openDuckdb, type Rows } from '../../framework/engines/duckdb/engine.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

// SEMANTICS 44: relations in databases that dbt's profile attaches, with real dbt-duckdb.

const profiles = (...attached: readonly string[]) =>
  `shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, attach: [${attached.join(', ')}]}}}\n`

const FILES = {
  'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n',
  'dbt_project.yml': 'name: shop\nversion: 1.0.0\nprofile: shop\nmodels: {+materialized: table}\n',
  'profiles.yml': profiles('{path: lake.duckdb, alias: raw}', '{path: mart.duckdb}'),
  'models/sources.yml':
    'sources: [{name: jaffle, database: RAW, schema: jaffle, tables: [{name: orders}]}]\n',
  'models/sales.sql': "select sum(amount) as total from {{ source('jaffle', 'orders') }}",
}
const LAKE = ['create schema jaffle', 'create table jaffle.orders as select 1 as amount']

let server: ForkServer
let folder: DbtFolder
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())
beforeEach(() => {
  folder = new DbtFolder(server.environment)
  folder.write(FILES)
})
afterEach(() => folder.remove())

/** Runs statements on a file of the folder, and returns the rows of the last one. */
async function sql(file: string, ...statements: readonly string[]): Promise<Rows> {
  const engine = await openDuckdb(join(folder.root, file))
  const connection = await engine.connect()
  try {
    let rows: Rows = []
    for (const statement of statements) rows = await connection.run(statement)
    return rows
  } finally {
    connection.close()
    engine.close()
  }
}

/** Builds everything, and says that nothing is left to do. */
async function build(...args: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await folder.run(['materialize', ...args])
  expect([code, stderr + stdout]).toEqual([0, expect.any(String)])
  expect(await stale()).toEqual({})
  return stdout
}

/** The assets that are not fresh, with their reasons. */
async function stale(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await folder.run(['status', '--json', ...args])
  const { assets } = JSON.parse(stdout) as {
    readonly assets: readonly {
      readonly name: string
      readonly verdict: string
      readonly reasons?: readonly { readonly reason: string }[]
    }[]
  }
  return Object.fromEntries(
    assets
      .filter(({ verdict }) => verdict !== 'fresh')
      .map(({ name, verdict, reasons = [] }) => [
        name,
        [verdict, ...reasons.map(({ reason }) => reason)].join(' '),
      ]),
  )
}

test('a source in an attached file is looked at there, and nowhere else', async () => {
  await sql('lake.duckdb', ...LAKE)
  // A table of the same schema and name, in the target's own database.
  await sql(
    'shop.duckdb',
    'create schema jaffle',
    'create table jaffle.orders as select 7 as amount',
  )
  await build()
  expect(await sql('shop.duckdb', 'from sales')).toEqual([[1n]])
  await sql('shop.duckdb', 'insert into jaffle.orders values (8)')
  expect(await stale()).toEqual({})
  await sql('lake.duckdb', 'insert into jaffle.orders values (2)')
  expect(await stale()).toEqual({ sales: 'stale data' })
  await build()
  expect(await sql('shop.duckdb', 'from sales')).toEqual([[3n]])
  const { stdout } = await folder.run(['list', '--json'])
  expect(stdout).toContain('jaffle.orders')
})

test('is found before the first build, when the warehouse has no file', async () => {
  await sql('lake.duckdb', ...LAKE)
  expect(await stale()).toEqual({ sales: 'stale missing' })
  await build()
})

test('another file at the alias or at the path is other content', async () => {
  await sql('lake.duckdb', ...LAKE)
  await sql('other.duckdb', ...LAKE)
  await build()
  // As many bytes, written by as many statements: even the headers may be equal.
  await sql('third.duckdb', LAKE[0]!, 'create table jaffle.orders as select 5 as amount')
  renameSync(join(folder.root, 'third.duckdb'), join(folder.root, 'lake.duckdb'))
  expect(await stale()).toEqual({ sales: 'stale data' })
  await build()
  folder.write({ 'profiles.yml': profiles('{path: other.duckdb, alias: raw}') })
  expect(await stale()).toMatchObject({ sales: expect.stringContaining('data') })
  await build()
  expect(await sql('shop.duckdb', 'from sales')).toEqual([[1n]])
})

test('opens no database while no file has changed', async () => {
  await sql('lake.duckdb', ...LAKE)
  await build()
  const holders = ['lake.duckdb', 'shop.duckdb'].map((file) => join(folder.root, file))
  const tokens = await folder.run(['materialize'])
  expect(tokens.stdout).toContain('nothing to do')
  // Locked by another engine of this process: a session would have to wait for it.
  const engines = await Promise.all(holders.map((file) => openDuckdb(file)))
  try {
    const { code, stderr } = await folder.run(['status', '--exit-code'])
    expect([code, stderr]).toEqual([0, ''])
  } finally {
    for (const engine of engines) engine.close()
  }
})

test('a file that does not exist is missing, and one that is no longer there too', async () => {
  expect(await stale()).toMatchObject({ 'jaffle.orders': 'stale missing' })
  await sql('lake.duckdb', ...LAKE)
  await build()
  renameSync(join(folder.root, 'lake.duckdb'), join(folder.root, 'away.duckdb'))
  expect(await stale()).toMatchObject({ 'jaffle.orders': 'stale missing' })
})

test.each([
  ['postgres', "path: 'host=localhost password=hunter22', type: postgres", 'has the type postgres'],
  ['ducklake', 'path: lake.duckdb, is_ducklake: true', 'has the type ducklake'],
  ['a key', 'path: lake.duckdb, options: {ENCRYPTION_KEY: hunter22}', 'needs a secret'],
  ['a variable', `path: "/a/{{ env_var('LAKE_TOKEN') }}"`, 'needs a secret'],
])(
  'of a database with %s nothing is known: check says so, and no secret leaves',
  async (_, keys, why) => {
    folder.write({ 'profiles.yml': profiles(`{alias: raw, ${keys}}`) })
    const env = { LAKE_TOKEN: 'hunter22' }
    const check = await folder.run(['check'], env)
    expect(check.stderr).toMatch(new RegExp(`database raw .*${why}, which assets can't attach`))
    const shown = await folder.run(['why', 'jaffle.orders'], env)
    expect(shown.stdout).toContain(why)
    const written = readdirSync(join(folder.root, '.assets'), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    expect(written.length).toBeGreaterThan(1)
    expect([check.stdout, check.stderr, shown.stdout, ...written].join()).not.toContain('hunter22')
  },
)

test('a stated warehouse attaches nothing, and says so', async () => {
  await sql('lake.duckdb', ...LAKE)
  folder.write({
    'assets.yaml': `${FILES['assets.yaml']}default_target: dev
targets: {dev: {warehouse: {type: duckdb, path: shop.duckdb}}}
`,
  })
  const { code } = await folder.run(['materialize'])
  expect(code).toBe(0)
  expect(await stale()).toMatchObject({ 'jaffle.orders': 'stale unknown', sales: 'stale unknown' })
  expect((await folder.run(['check'])).stderr).toContain(
    '`warehouse:` of the target is stated, so assets attaches no database raw',
  )
})

const MART = {
  'models/sales.sql': `{{ config(database='mart') }} ${FILES['models/sales.sql']}`,
  'models/shown.sql': "{{ config(database='mart', materialized='view') }} from {{ ref('sales') }}",
  'models/top.sql': "select max(total) as total from {{ ref('shown') }}",
}

test('models are built in another database, and looked at there', async () => {
  folder.write(MART)
  await sql('lake.duckdb', ...LAKE)
  await build()
  const where = 'select database_name, schema_name, table_name from duckdb_tables()'
  expect(await sql('mart.duckdb', where)).toEqual([['mart', 'main', 'sales']])
  expect(await sql('shop.duckdb', where)).toEqual([['shop', 'main', 'top']])
  // The table of the same name in the target's own database is none of ours.
  await sql('shop.duckdb', 'create table sales as select 1 as total')
  expect(await stale()).toEqual({})
  await sql('mart.duckdb', 'update sales set total = 99')
  expect(await stale()).toMatchObject({ sales: 'stale drifted' })
  await build()
  await sql('mart.duckdb', 'drop view shown', 'drop table sales')
  expect(await stale()).toMatchObject({ sales: 'stale missing', shown: 'stale missing' })
})

test('what a model left in another database is named and not dropped', async () => {
  folder.write(MART)
  await sql('lake.duckdb', ...LAKE)
  await build()
  folder.write({ 'models/sales.sql': FILES['models/sales.sql'] })
  expect(await build('--prune')).toContain('assets drops nothing in another database, mart')
  expect(await sql('mart.duckdb', 'from sales')).toEqual([[1n]])
})

test('verify leaves out what is in another database', async () => {
  folder.write(MART)
  await sql('lake.duckdb', ...LAKE)
  await build()
  const { stdout } = await folder.run(['verify', '--json'])
  const { left_out: leftOut, assets } = JSON.parse(stdout) as {
    readonly left_out: readonly { readonly asset: string; readonly because: string }[]
    readonly assets: readonly { readonly asset: string; readonly finding: string }[]
  }
  expect(leftOut).toContainEqual({ asset: 'sales', because: 'it is in another database, mart' })
  expect(assets).toEqual([expect.objectContaining({ asset: 'top', finding: 'sound' })])
})

test("a hook that writes to the target's own table of the same name is a side write", async () => {
  folder.write({
    ...MART,
    'models/own.sql': "{{ config(alias='sales') }} select 1 as total",
    'models/reader.sql': "select sum(total) as total from {{ ref('own') }}",
    'models/sales.sql': `-- depends_on: {{ ref('own') }}
{{ config(database='mart', post_hook={'sql': 'insert into main.sales values (5)', 'transaction': false}) }} select 2 as total`,
  })
  await sql('lake.duckdb', ...LAKE)
  const { code } = await folder.run(['materialize'])
  expect(code).toBe(0)
  expect(await stale()).toMatchObject({ own: 'stale drifted' })
})

test('a declared external in another database is the source that names it', async () => {
  await sql('lake.duckdb', ...LAKE)
  folder.write({
    'assets.yaml': `${FILES['assets.yaml']}assets: {orders: {kind: external, relation: raw.jaffle.orders}}\n`,
  })
  await build()
  const { stdout } = await folder.run(['list'])
  expect(stdout.trim().split('\n').sort()).toEqual(['orders', 'sales'])
})
