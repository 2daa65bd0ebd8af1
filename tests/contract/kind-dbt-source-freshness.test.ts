import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openDuckdb } from '../../framework/engines/duckdb/engine.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { eventsOf } from '../rig/events.ts'
import { sharedPython } from '../rig/python.ts'

// SEMANTICS 45: dbt's own source freshness, as dbt runs it.

const LIMITS = '{warn_after: {count: 12, period: hour}, error_after: {count: 1, period: day}}'
const sources = (keys: string, table = 'name: orders') =>
  `sources: [{name: raw, schema: main, ${keys}, tables: [{${table}}]}]\n`

const FILES = {
  'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n',
  'dbt_project.yml': 'name: shop\nversion: 1.0.0\nprofile: shop\nmodels: {+materialized: table}\n',
  'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
  'models/sources.yml': sources(`loaded_at_field: loaded, freshness: ${LIMITS}`),
  'models/sales.sql': "select count(*) as n from {{ source('raw', 'orders') }}",
  'models/top.sql': "select max(n) as n from {{ ref('sales') }}",
  'models/apart.sql': 'select 1 as id',
}
const CHECK = 'source_freshness_raw_orders'

let server: ForkServer
let folder: DbtFolder
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())
beforeEach(async () => {
  folder = new DbtFolder(server.environment)
  folder.write(FILES)
  await loadedAgo(1)
})
afterEach(() => folder.remove())

/** The source has one row, which was loaded so many hours ago. */
async function loadedAgo(hours: number): Promise<void> {
  const engine = await openDuckdb(join(folder.root, 'shop.duckdb'))
  const connection = await engine.connect()
  const time = `now()::timestamptz - interval ${Math.round(hours * 60)} minute`
  await connection.run(`create or replace table orders as select 1 as id, ${time} as loaded`)
  connection.close()
  engine.close()
}

interface Ran {
  readonly code: number
  readonly outcomes: Readonly<Record<string, string>>
  readonly problems: readonly string[]
  /** Of checks. */
  readonly results: readonly (string | undefined)[]
}

/** Materializes; the outcome of each step, and the problems of the check. */
async function materialize(...args: readonly string[]): Promise<Ran> {
  const ended = await folder.run(['materialize', '--json', ...args])
  const events = eventsOf(ended)
  const steps = events.filter(({ event }) => event === 'step_finished')
  return {
    code: ended.code,
    outcomes: Object.fromEntries(steps.map(({ asset, outcome }) => [asset, outcome!])),
    results: events.flatMap(({ event, outcome }) => (event === 'check_finished' ? outcome : [])),
    problems: events.flatMap(({ problem }) => problem?.message ?? []),
  }
}

test('runs in every run, and a status says nothing of it', async () => {
  const first = await materialize()
  expect(first).toMatchObject({ code: 0, outcomes: { [CHECK]: 'checked', top: 'built' } })
  const again = await materialize()
  expect(again).toMatchObject({ code: 0, outcomes: { [CHECK]: 'checked' } })
  expect(Object.keys(again.outcomes)).toEqual([CHECK])
  expect((await folder.run(['status', '--exit-code'])).code).toBe(0)
})

test("a source past error_after holds back what reads it, in dbt's own words, and nothing else", async () => {
  await loadedAgo(31)
  const { code, outcomes, problems } = await materialize()
  expect(code).toBe(1)
  expect(outcomes).toEqual({ [CHECK]: 'failed', sales: 'blocked', top: 'blocked', apart: 'built' })
  expect(problems[0]).toMatch(
    /^source_freshness_raw_orders on raw\.orders: max loaded_at 20\d\d-\d\d-\d\d \d\d:\d\d UTC, 31 h ago, error after 1 d$/,
  )
  await loadedAgo(1)
  expect(await materialize()).toMatchObject({ code: 0, outcomes: { top: 'built' } })
})

test('one past warn_after warns, and holds back nothing', async () => {
  await loadedAgo(13)
  const { code, outcomes, results } = await materialize()
  expect([code, results]).toEqual([0, ['warn']])
  expect(outcomes).toMatchObject({ [CHECK]: 'checked', top: 'built' })
})

test('without error_after, nothing is held back, whatever dbt says', async () => {
  folder.write({
    'models/sources.yml': sources(
      'loaded_at_field: no_such_column, freshness: {warn_after: {count: 1, period: minute}}',
    ),
  })
  const { code, outcomes, problems } = await materialize()
  expect(code).toBe(1)
  expect(outcomes).toMatchObject({ [CHECK]: 'failed', sales: 'built', top: 'built' })
  expect(problems.join()).toContain('no_such_column')
})

test('a source that nothing was ever loaded into is too old', async () => {
  folder.write({
    'models/sources.yml': sources(`loaded_at_field: "null::timestamp", freshness: ${LIMITS}`),
  })
  const { outcomes, problems } = await materialize()
  expect(outcomes).toMatchObject({ [CHECK]: 'failed' })
  expect(problems[0]).toContain('no row has a time of loading, error after 1 d')
})

test('a waived one is counted, and holds back nothing', async () => {
  const waived = 'config: {meta: {assets: {checks: {block: never}}}}'
  folder.write({
    'models/sources.yml': sources(
      `loaded_at_field: loaded, freshness: ${LIMITS}`,
      `name: orders, ${waived}`,
    ),
  })
  await loadedAgo(31)
  const { code, outcomes } = await materialize()
  expect(code).toBe(1)
  expect(outcomes).toMatchObject({ [CHECK]: 'failed', sales: 'built', top: 'built' })
})

test.each([
  ['config of the source', sources(`config: {loaded_at_field: loaded, freshness: ${LIMITS}}`)],
  ['the table', sources('loaded_at_field: loaded', `name: orders, freshness: ${LIMITS}`)],
  [
    'a query',
    sources(
      `freshness: ${LIMITS}`,
      'name: orders, config: {loaded_at_query: "select max(loaded) from {{ this }}"}',
    ),
  ],
])('freshness may be said by %s', async (_, yaml) => {
  folder.write({ 'models/sources.yml': yaml })
  await loadedAgo(31)
  expect((await materialize()).outcomes).toMatchObject({ [CHECK]: 'failed', sales: 'blocked' })
})

test('a table that says `freshness: null`, a source that nothing reads and one that is left out have none', async () => {
  const two = `sources:
  - {name: raw, schema: main, loaded_at_field: loaded, freshness: ${LIMITS}, tables: [{name: orders, freshness: null}, {name: unread}]}
`
  folder.write({ 'models/sources.yml': two })
  const checks = async () => {
    const { stdout } = await folder.run(['check'])
    return stdout
  }
  expect(await checks()).toContain('4 assets   no problems')
  folder.write({
    'models/sources.yml': FILES['models/sources.yml'],
    'assets.yaml':
      'version: 1\nproject: shop\ndbt: {project_dir: ., exclude: ["source:raw.orders"]}\n',
  })
  expect(await checks()).toContain('4 assets   no problems')
})

test('a seed that fills the source is checked, before what reads it is built', async () => {
  folder.write({
    'seeds/orders.csv': 'id,loaded\n1,2020-01-01 00:00:00\n',
    'assets.yaml': FILES['assets.yaml'],
  })
  const engine = await openDuckdb(join(folder.root, 'shop.duckdb'))
  const connection = await engine.connect()
  await connection.run('drop table orders')
  connection.close()
  engine.close()
  const { outcomes } = await materialize()
  expect(outcomes).toEqual({
    orders: 'built',
    [CHECK]: 'failed',
    sales: 'blocked',
    top: 'blocked',
    apart: 'built',
  })
})

test('it is selected by its name, and is no test', async () => {
  const names = async (selection: string) => {
    const { stdout } = await folder.run(['plan', selection, '--json'])
    const { steps = [] } = JSON.parse(stdout) as {
      readonly steps: readonly { readonly asset: string }[]
    }
    return steps.map(({ asset }) => asset).sort()
  }
  expect(await names(CHECK)).toEqual([CHECK])
  expect(await names('resource_type:test')).toEqual([])
  expect(await names('test_type:data')).toEqual([])
  expect(await names('source:raw.orders')).toEqual([CHECK])
  expect((await folder.run(['why', CHECK])).stdout).toContain('models/sources.yml')
  expect((await folder.run(['graph'])).code).toBe(0)
})
