import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sealed, unsealed } from '../../framework/lib/cache-file.ts'
import { CliProject } from '../rig/cli.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

// SEMANTICS 46: `status` repeats its last answer, if everything was fresh and nothing has changed.

const PROJECT: Readonly<Record<string, string>> = {
  'dbt_project.yml': 'name: shop\nversion: 1.0.0\nprofile: shop\nvars: {rate: 2}\n',
  'profiles.yml': `shop:
  target: dev
  outputs: {dev: {type: duckdb, path: shop.duckdb}, other: {type: duckdb, path: shop.duckdb, schema: x}}
`,
  'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n',
  'seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'models/schema.yml': `sources: [{name: raw, schema: main, tables: [{name: payments}]}]
models: [{name: sales, columns: [{name: total, data_tests: [not_null]}]}]
`,
  'models/sales.sql': `select sum(amount) * {{ var('rate') }} as total, '{{ env_var('REGION', 'eu') }}' as region
from {{ ref('orders') }}`,
  'models/paid.sql':
    "{{ config(materialized='view') }} select * from {{ source('raw', 'payments') }}",
}

let server: ForkServer
let project: CliProject
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())
beforeEach(async () => {
  project = new CliProject({ ASSETS_PYTHON_ENV: server.environment })
  write(PROJECT)
  await sql('create table payments as select 7 as id')
})
afterEach(() => project.remove())

/** Writes files; null removes one. */
function write(files: Readonly<Record<string, string | null>>): void {
  for (const [file, text] of Object.entries(files)) {
    if (text === null) rmSync(project.path(file), { recursive: true, force: true })
    else project.write(file, text)
  }
}

async function sql(text: string): Promise<void> {
  const instance = await DuckDBInstance.create(project.path('shop.duckdb'))
  const connection = await instance.connect()
  await connection.run(text)
  connection.closeSync()
  instance.closeSync()
}

const OFFLINE = ['status', '--offline'] as const

/** The answers that are kept after both commands have found out. Files that changed a moment ago prove nothing. */
async function keptAnswers(): Promise<readonly string[]> {
  await wait(1_100)
  await project.run('status')
  await project.run(...OFFLINE)
  const cache = project.path('.assets/cache')
  return existsSync(cache) ? readdirSync(cache).filter((file) => file.startsWith('status-')) : []
}

/** Changes the kept answers, so that a command shows whether it repeats one. */
async function markAnswers(): Promise<void> {
  for (const file of await keptAnswers()) {
    const path = join(project.path('.assets/cache'), file)
    const { key, answer } = JSON.parse(unsealed(readFileSync(path, 'utf8'))!)
    const changed = { key, answer: { ...answer, assets: [], unlisted: 99 } }
    writeFileSync(path, sealed(JSON.stringify(changed)))
  }
}

/** Whether a command repeats a marked answer. */
async function repeats(args: readonly string[], env: Record<string, string> = {}) {
  const { stdout } = await project.start(args, env).ended
  return stdout.includes('99 assets')
}

test('an answer is repeated until something changes that it was made from', async () => {
  await project.run('materialize')
  expect((await project.run('status')).stdout).toContain('4 assets   4 fresh')
  await markAnswers()
  expect([await repeats(['status']), await repeats(OFFLINE)]).toEqual([true, true])

  for (const [file, text] of [
    ['models/sales.sql', 'select 1 as total'],
    ['models/new.sql', 'select 1 as one'],
    ['seeds/orders.csv', 'id,amount\n1,10\n'],
    ['profiles.yml', PROJECT['profiles.yml']!.replace('target: dev', 'target: other')],
  ] as const) {
    write({ [file]: text })
    // The first one parses dbt's project again.
    const changed = [await repeats(OFFLINE), await repeats(OFFLINE)]
    write({ [file]: PROJECT[file] ?? null })
    await project.run(...OFFLINE)
    expect([file, ...changed, await repeats(OFFLINE)]).toEqual([file, false, false, true])
  }
  expect(await repeats([...OFFLINE, '--vars', '{rate: 3}'])).toBe(false)
  expect(await repeats(OFFLINE, { REGION: 'us' })).toBe(false)
  expect(await repeats([...OFFLINE, 'sales'])).toBe(false)
  expect(await repeats([...OFFLINE, '--json'])).toBe(false)
  await project.run(...OFFLINE)
  expect([await repeats(['status']), await repeats(OFFLINE)]).toEqual([true, true])

  // What is in the warehouse counts only for a command that looks at it.
  await sql('insert into payments values (8)')
  expect([await repeats(OFFLINE), await repeats(['status'])]).toEqual([true, false])
  // That one recorded what it saw.
  expect(await repeats(OFFLINE)).toBe(false)
})

test('what was declared or recorded since is seen at once', async () => {
  await project.run('materialize')
  await markAnswers()
  expect(await repeats(OFFLINE)).toBe(true)
  write({ 'assets.yaml': `${PROJECT['assets.yaml']}assets: {sales: {retries: 2}}\n` })
  expect([await repeats(OFFLINE), await repeats(['status'])]).toEqual([false, false])
  await markAnswers()
  expect(await repeats(OFFLINE)).toBe(true)
  await project.run('materialize', 'sales', '--force')
  await wait(1_100)
  expect([await repeats(OFFLINE), await repeats(['status'])]).toEqual([false, false])
})

test.each([
  ['the time', 'policies: [{select: sales, freshness: {max_age: 1d}}]'],
  ['files', 'assets: {file: {kind: external, path: dbt_project.yml}}'],
  ['what a command of another kind reads', 'assets: {other: {kind: command, run: "true"}}'],
])('an answer that depends on %s is not kept', async (_, yaml) => {
  write({ 'assets.yaml': `${PROJECT['assets.yaml']}${yaml}\n` })
  await project.run('materialize')
  expect((await project.run('status')).stdout).toMatch(/(\d) assets {3}\1 fresh/)
  expect(await keptAnswers()).toEqual([])
})

test('an answer is not kept while something is stale, or a check has warned', async () => {
  const test = 'not_null: {config: {severity: warn}}'
  write({
    'models/schema.yml': PROJECT['models/schema.yml']!.replace('not_null', `{${test}}`),
    'models/sales.sql': 'select null::int as total',
  })
  await project.run('materialize')
  expect((await project.run('status')).stdout).toMatch(/4 fresh[\s\S]*1 warned/)
  expect(await keptAnswers()).toEqual([])

  write({ 'models/sales.sql': 'select 1 as total' })
  // The first one parses dbt's project again.
  for (const _ of [1, 2]) expect(await keptAnswers()).toEqual([])
  await project.run('materialize')
  expect(await keptAnswers()).toHaveLength(2)
})
