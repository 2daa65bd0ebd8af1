import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readNames } from '../../framework/cli/completion/names-file.ts'
import { unsealed } from '../../framework/lib/cache-file.ts'
import { contentOf } from '../rig/dbt/content.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

/** A dbt project of somebody who never heard of assets: seeds, sources, a package, versions, a snapshot, tests. */
const PROJECT = {
  'dbt_project.yml': `name: shop
version: 1.0.0
profile: shop
models: {shop: {+materialized: table, staging: {+materialized: view, +tags: [daily]}}}
vars: {rate: 2}
`,
  'profiles.yml':
    'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 2}}}\n',
  'packages.yml': 'packages: [{local: extra}]\n',
  'seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'models/sources.yml': `sources:
  - name: raw
    schema: main
    tables: [{name: orders}, {name: payments}]
groups: [{name: finance, owner: {email: finance@example.com}}]
models:
  - name: stg_orders
    description: One row per order.
    columns: [{name: id, data_tests: [unique]}]
  - name: sales
    config: {group: finance, meta: {assets: {retries: 1}}}
  - name: top
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
`,
  'models/staging/stg_orders.sql': "select * from {{ source('raw', 'orders') }}",
  'models/sales.sql': `select sum(amount) * {{ var('rate') }} as total, (select count(*) from {{ source('raw', 'payments') }}) as payments
from {{ ref('stg_orders') }} join {{ ref('extra_model') }} using (id)`,
  'models/top_v1.sql': "select max(amount) as amount from {{ ref('stg_orders') }}",
  'models/top_v2.sql':
    "select max(amount) as amount, {{ plus('1') }} as one from {{ ref('stg_orders') }}",
  'macros/plus.sql': '{% macro plus(x) %}{{ x }} + 0{% endmacro %}',
  'snapshots/kept.sql': `{% snapshot kept %}{{ config(unique_key='id', strategy='check', check_cols=['amount']) }}
select * from {{ ref('stg_orders') }}{% endsnapshot %}`,
}
const PACKAGE = {
  'extra/dbt_project.yml': 'name: extra\nversion: 1.0.0\n',
  'extra/models/extra_model.sql': 'select 1 as id union all select 2',
}

let server: ForkServer
let folder: DbtFolder
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())
beforeEach(() => {
  folder = new DbtFolder(server.environment)
  folder.write({ ...PROJECT, ...PACKAGE })
})
afterEach(() => folder.remove())

const run = (...args: readonly string[]) => folder.run(args)
/** Runs SQL in the warehouse, and returns the rows. */
async function sql(text: string) {
  const instance = await DuckDBInstance.create(join(folder.root, 'shop.duckdb'))
  try {
    const connection = await instance.connect()
    const read = await connection.runAndReadAll(text)
    // An open connection would keep the file open.
    connection.closeSync()
    return read.getRows().map((row) => row.map(String))
  } finally {
    instance.closeSync()
  }
}
const names = async (...args: readonly string[]) => {
  const { stdout, stderr } = await run('list', ...args)
  return stdout === '' ? stderr : stdout.trim().split('\n').sort()
}
const stale = async () => {
  const { stdout } = await run('status', '--json')
  const { assets } = JSON.parse(stdout) as { assets: { name: string; verdict: string }[] }
  return assets
    .filter(({ verdict }) => verdict !== 'fresh')
    .map(({ name }) => name)
    .sort()
}

test('needs four lines, which init writes, and no other', async () => {
  const init = await run('init')
  expect([init.code, init.stderr]).toEqual([0, expect.stringContaining('installing the packages')])
  expect(init.stdout).toContain(
    'dbt has 5 models, 1 seed, 1 snapshot, 2 sources (1 filled by seeds), 1 test',
  )
  expect(
    readFileSync(join(folder.root, 'assets.yaml'), 'utf8').trim().split('\n').slice(1),
  ).toEqual(['version: 1', 'project: shop', 'dbt: {project_dir: .}'])
  expect(await names()).toEqual([
    'extra_model',
    'kept',
    'orders',
    'raw.payments',
    'sales',
    'stg_orders',
    'top.v1',
    'top.v2',
  ])
  // A shell completes them, too.
  const kept = readNames(join(folder.root, '.assets'))!
  expect(kept.assets('stg')).toEqual([{ word: 'stg_orders', about: 'dbt' }])
  expect(kept.methods).toMatchObject({ tag: ['daily'], group: ['finance'] })

  await sql('create table payments as select 7 as id')
  const first = await run('materialize')
  expect([first.code, first.stderr]).toEqual([0, expect.any(String)])
  expect(await stale()).toEqual([])
  const second = await run('materialize')
  expect(second.stdout).toContain('nothing to do')
})

test('builds exactly what a change asks for', async () => {
  folder.write({ 'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n' })
  await sql('create table payments as select 7 as id')
  await run('materialize')
  const changes: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[] = [
    [{ 'macros/plus.sql': '{% macro plus(x) %}{{ x }} + 1{% endmacro %}' }, ['top.v2']],
    [{ 'dbt_project.yml': PROJECT['dbt_project.yml'].replace('rate: 2', 'rate: 3') }, ['sales']],
    [
      { 'seeds/orders.csv': 'id,amount\n1,10\n2,30\n' },
      ['kept', 'orders', 'sales', 'top.v1', 'top.v2'],
    ],
  ]
  for (const [files, expected] of changes) {
    folder.write(files)
    expect(await stale()).toEqual(expected)
    const built = await run('materialize')
    expect([built.code, built.stderr]).toEqual([0, expect.any(String)])
    expect(await stale()).toEqual([])
  }
  await sql('insert into payments values (8)')
  expect(await stale()).toEqual(['sales'])
  expect((await run('materialize', '--vars', '{rate: 5}')).code).toBe(0)
  expect(await sql('select total, payments from sales')).toEqual([['200', '2']])
  expect(await stale()).toEqual(['sales'])
})

test('YAML is for policies, for other kinds of assets, and for a part of the nodes', async () => {
  folder.write({
    'assets.yaml': `version: 1
project: shop
dbt: {project_dir: ., exclude: [extra_model, kept]}
pools: {few: 1}
policies:
  - {select: "tag:daily", pool: few}
  - {select: "stg_orders+", exclude: sales, timeout: 1h}
assets:
  sales: {owners: [me@example.com], retries: 3}
  report: {kind: extract, deps: [sales], to: out/sales.csv, order_by: [total]}
`,
  })
  expect(await names()).toEqual([
    'extra_model',
    'orders',
    'raw.payments',
    'report',
    'sales',
    'stg_orders',
    'top.v1',
    'top.v2',
  ])
  expect(await names('kind:external')).toEqual(['extra_model', 'raw.payments'])
  expect(await names('owner:me@example.com')).toEqual(['sales'])
  expect(await names('group:finance')).toEqual(['sales'])
  expect((await run('list', '--policies', 'stg_orders', 'sales')).stdout).toBe(
    `sales
  retries: 3    assets.yaml:9
stg_orders
  pool: few     assets.yaml:6
  timeout: 1h   assets.yaml:7
`,
  )
  folder.write({ 'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n' })
  expect((await run('list', '--policies', 'sales')).stdout).toBe(
    'sales\n  retries: 1   meta.assets in dbt\n',
  )
})

test('a dependency that is no node is a problem, and a broken project is one', async () => {
  folder.write({
    'assets.yaml': `version: 1
project: shop
dbt: {project_dir: .}
assets:
  report: {kind: extract, deps: [salse], to: out/sales.csv, order_by: [total]}
`,
  })
  const typo = await run('status')
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean "sales"?')])
  folder.write({ 'models/sales.sql': "select * from {{ ref('nothing') }}" })
  const broken = await run('check')
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('nothing')])
  expect((await run('doctor')).stdout).toContain('dbt')
})

test('every relation is where dbt puts it', async () => {
  folder.write({ 'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n' })
  await sql('create table payments as select 7 as id')
  expect((await run('materialize')).code).toBe(0)
  const ours = await contentOf(join(folder.root, 'shop.duckdb'))
  expect(Object.keys(ours).sort()).toEqual(
    ['extra_model', 'kept', 'orders', 'payments', 'sales', 'stg_orders', 'top_v1', 'top_v2'].map(
      (name) => `main.${name}`,
    ),
  )
})

/** Its first line has a hash of all that dbt's parse depends on. */
const CACHE = '.assets/cache/dbt-local.json'

test('a package that holds the project is linked by dbt, and only what dbt reads of it counts', async () => {
  const inner = 'extra/integration_tests'
  folder.write({
    [`${inner}/dbt_project.yml`]: PROJECT['dbt_project.yml'],
    [`${inner}/profiles.yml`]: PROJECT['profiles.yml'],
    [`${inner}/packages.yml`]: 'packages: [{local: ../}]\n',
    [`${inner}/models/uses.sql`]:
      "select *, {{ extra.three() }} as n from {{ ref('extra_model') }}",
    [`${inner}/assets.yaml`]: 'version: 1\nproject: shop\ndbt: {project_dir: .}\n',
    'extra/macros/three.sql': '{% macro three() %}3{% endmacro %}',
  })
  const runThere = (...args: readonly string[]) =>
    folder.run(args, {}, undefined, join(folder.root, inner))
  const cached = () => {
    const [head = ''] = readFileSync(join(folder.root, inner, CACHE), 'utf8').split('\n')
    return (JSON.parse(unsealed(head)!) as { key: string }).key
  }
  expect((await runThere('materialize')).stdout).toContain('2 built')
  const before = cached()
  // Neither is in a folder that dbt reads.
  folder.write({ 'extra/notes.txt': 'more', [`${inner}/target/notes.txt`]: 'more' })
  expect((await runThere('status')).stdout).toContain('2 fresh')
  expect(cached()).toBe(before)
  folder.write({ 'extra/macros/three.sql': '{% macro three() %}4{% endmacro %}' })
  expect((await runThere('status')).stdout).toMatch(/uses +its code changed: macro extra\.three/)
  folder.write({ 'extra/dbt_project.yml': 'name: extra\nversion: 1.0.0\nmodel-paths: [others]\n' })
  expect((await runThere('status')).stderr).toContain('extra_model')
})
