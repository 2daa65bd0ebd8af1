import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ask, contentOf } from '../rig/dbt/content.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

/** A project that dbt has built for a while: seeds, views on views, tables, history, tests. */
const PROJECT = {
  'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n',
  'dbt_project.yml': `name: shop
version: 1.0.0
profile: shop
models: {shop: {+materialized: view}}
`,
  'profiles.yml':
    'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 2}}}\n',
  'seeds/orders.csv': 'id,amount\n1,10\n2,20\n3,30\n',
  'models/schema.yml': `models:
  - name: stg_orders
    columns: [{name: id, data_tests: [unique, not_null]}]
  - name: renamed
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}, {name: euros, data_type: "decimal(10,2)"}]
`,
  'macros/cents.sql': '{% macro euros(x) %}cast({{ x }} as decimal(10, 2)){% endmacro %}',
  'models/stg_orders.sql': "select id, {{ euros('amount') }} as amount from {{ ref('orders') }}",
  'models/inlined.sql':
    "{{ config(materialized='ephemeral') }} select id, amount from {{ ref('stg_orders') }} where id < 100",
  'models/chained.sql':
    "select * from {{ ref('inlined') }} union all select id + 100, amount from {{ ref('stg_orders') }} union all select 1000, 1",
  'models/renamed.sql': "select id, amount as euros from {{ ref('stg_orders') }}",
  'models/totals.sql':
    "{{ config(materialized='table') }} select sum(amount) as total from {{ ref('chained') }}",
  'models/log.sql': `{{ config(materialized='incremental', unique_key='id') }}
select *, {{ run_started_at.strftime('%Y') }} as year from {{ ref('renamed') }}
{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}`,
  'models/hooked.sql':
    '{{ config(post_hook="comment on view {{ this }} is \'x\'") }} select 1 as one',
  'snapshots/kept.sql': `{% snapshot kept %}{{ config(unique_key='id', strategy='check', check_cols=['amount']) }}
select * from {{ ref('stg_orders') }}{% endsnapshot %}`,
}
const TABLES = ['kept', 'log', 'orders', 'totals']
const VIEWS = ['chained', 'renamed', 'stg_orders']
const ALL = [...VIEWS, ...TABLES, 'hooked'].sort()

let server: ForkServer
let filled: DbtFolder
let folder: DbtFolder
beforeAll(async () => {
  const python = await sharedPython()
  server = await startForkServer(python)
  filled = new DbtFolder(server.environment)
  filled.write(PROJECT)
  const dbt = join(python, 'bin', 'dbt')
  const arguments_ = ['build', '--profiles-dir', '.', '--no-send-anonymous-usage-stats']
  await promisify(execFile)(dbt, arguments_, { cwd: filled.root })
  await ask(file(filled), 'update log set year = 1999 where id = 1')
})
afterAll(async () => {
  filled.remove()
  await server.stop()
})
beforeEach(() => {
  folder = new DbtFolder(server.environment)
  folder.write(PROJECT)
  mkdirSync(folder.root, { recursive: true })
  copyFileSync(file(filled), file(folder))
})
afterEach(() => folder.remove())

function file({ root }: DbtFolder): string {
  return join(root, 'shop.duckdb')
}

/** Runs a command with `--json` and returns its events, and the assets by outcome. */
async function materialize(...args: readonly string[]) {
  const { code, stdout, stderr } = await folder.run(['materialize', '--json', ...args])
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const finished = events.filter(
    ({ event, outcome }) => event === 'step_finished' && outcome !== 'checked',
  )
  const outcomes: Record<string, string[]> = {}
  for (const { asset, outcome } of finished) {
    outcomes[outcome] = [...(outcomes[outcome] ?? []), asset].sort()
  }
  return { code, stderr, outcomes, adopted: events.find(({ event }) => event === 'adopted') }
}

test('all that dbt built is adopted with --vouch, nothing is written, and nothing is left to do', async () => {
  const plan = await folder.run(['plan'])
  expect(plan.stdout).toContain(
    '8 of them are in the warehouse already: assets materialize --adopt records what is proved to be current',
  )
  expect((await folder.run(['plan', '--offline'])).stdout).not.toContain('already')
  const before = await contentOf(file(folder))
  const dry = await folder.run(['materialize', '--adopt', '--vouch', '*', '--dry-run', '--json'])
  const { steps } = JSON.parse(dry.stdout)
  const planned = steps.filter(({ action }: { action: string }) => action === 'adopt')
  expect(planned.map(({ asset }: { asset: string }) => asset).sort()).toEqual(ALL)

  const first = await materialize('--adopt', '--vouch', '*')
  expect(first).toMatchObject({ code: 0, outcomes: { adopted: ALL } })
  expect(Object.keys(first.outcomes)).toEqual(['adopted'])
  const because = (reason: string) =>
    first.adopted.assets.flatMap((one: { asset: string; because: string }) =>
      one.because === reason ? [one.asset] : [],
    )
  expect(because('definition').sort()).toEqual(VIEWS)
  expect(because('vouched').sort()).toEqual(['hooked', ...TABLES])
  expect(await contentOf(file(folder))).toEqual(before)
  expect((await materialize()).outcomes).toEqual({})
  expect((await folder.run(['why', 'log'])).stdout).toContain('vouched for with --vouch')
  expect((await folder.run(['why', 'renamed'])).stdout).toContain(
    'its definition is the installed one',
  )
})

test('edits after the adoption rebuild exactly what they concern, and the history stays', async () => {
  await materialize('--adopt', '--vouch', '*')
  folder.write({ 'seeds/orders.csv': 'id,amount\n1,10\n2,20\n3,30\n4,40\n' })
  expect((await materialize()).outcomes).toEqual({ built: ['kept', 'log', 'orders', 'totals'] })
  expect(await ask(file(folder), 'select year from log where id = 1')).toBe(1999)
  folder.write({ 'models/totals.sql': `${PROJECT['models/totals.sql']} where id > 1` })
  expect((await materialize()).outcomes).toEqual({ built: ['totals'] })
  expect((await materialize()).outcomes).toEqual({})
  const verified = await folder.run(['verify', 'totals', 'chained'])
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('2 sound')])
})

test('without --vouch exactly the views are adopted, and the rest equals a build from nothing', async () => {
  const first = await materialize('--adopt')
  expect(first.outcomes).toEqual({ adopted: VIEWS, built: ['hooked', ...TABLES] })
  expect((await materialize()).outcomes).toEqual({})
  const columns = (column: string) => (/dbt_|year/.test(column) ? null : column)
  const adopted = await contentOf(file(folder), columns)
  const fresh = new DbtFolder(server.environment)
  fresh.write(PROJECT)
  try {
    expect((await fresh.run(['materialize'])).code).toBe(0)
    expect(adopted).toEqual(await contentOf(file(fresh), columns))
  } finally {
    fresh.remove()
  }
})

test('a view with another definition is built, and what reads it if that shows', async () => {
  await ask(
    file(folder),
    'create or replace view chained as select id, amount from stg_orders where id = 1',
    'create or replace view renamed as select id, amount as euros from (select * from stg_orders)',
  )
  const { adopted, outcomes } = await materialize('--adopt', '--vouch', '*')
  expect(adopted.left).toEqual(
    ['renamed', 'chained'].map((asset) => ({
      asset,
      because: 'its definition in the warehouse is another one',
    })),
  )
  expect(outcomes).toEqual({
    adopted: ['hooked', 'kept', 'log', 'orders', 'stg_orders'],
    built: ['chained', 'renamed'],
    unchanged: ['totals'],
  })
})

test('a seed with other rows is built, and so is what was vouched for below it', async () => {
  folder.write({ 'seeds/orders.csv': 'id,amount\n1,10\n2,25\n3,30\n' })
  const { outcomes } = await materialize('--adopt', '--vouch', 'log', 'totals', 'kept')
  expect(outcomes).toEqual({
    adopted: VIEWS,
    built: ['hooked', 'kept', 'orders', 'totals'],
    unchanged: ['log'],
  })
  expect(await ask(file(folder), 'select year from log where id = 1')).toBe(1999)
})

test('an interrupted command is finished by the same one', async () => {
  const controller = new AbortController()
  const args = ['materialize', '--adopt', '--vouch', 'log', 'kept']
  const stopped = folder.run(args, {}, controller.signal)
  controller.abort()
  await stopped
  const { code, outcomes } = await materialize('--adopt', '--vouch', 'log', 'kept')
  expect([code, outcomes.failed]).toEqual([0, undefined])
  expect(outcomes.adopted).toEqual(expect.arrayContaining(['kept', 'log']))
  expect((await materialize()).outcomes).toEqual({})
})

test('mistakes are named', async () => {
  const alone = await folder.run(['materialize', '--vouch', 'log'])
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--adopt is missing')])
  const unknown = await folder.run(['materialize', '--adopt', '--vouch', 'logs'])
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean log?')])
  await materialize('--adopt', '--vouch', '*')
  const again = await folder.run(['materialize', '--adopt'])
  expect([again.code, again.stderr]).toEqual([
    0,
    expect.stringContaining('nothing to adopt: nothing exists that was never built here'),
  ])
  expect(again.stdout).toContain('nothing to do')
})
