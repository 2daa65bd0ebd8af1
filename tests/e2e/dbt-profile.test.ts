import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckdb } from '../../framework/engines/duckdb/engine.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

const PROJECT = 'shop/dbt_project.yml'
const PROFILES = 'shop/profiles.yml'

/** A dbt project of two models, without any statement of a warehouse. */
const FILES = {
  'assets.yaml': `version: 1
project: shop
dbt: {project_dir: shop}
assets:
  one: {kind: dbt}
  two: {kind: dbt, deps: [one]}
`,
  [PROJECT]: `name: shop
version: 1.0.0
profile: shop
models: {+materialized: table}
`,
  [PROFILES]: outputs('dev: {type: duckdb, path: shop.duckdb}'),
  'shop/requirements.txt': '',
  'shop/models/one.sql': 'select 1 as id',
  'shop/models/two.sql': "select id, '{{ target.name }}' as output from {{ ref('one') }}",
}

/** A profile with these outputs; `dev` is the default. */
function outputs(...lines: readonly string[]): string {
  return `shop:\n  target: dev\n  outputs:\n${lines.map((line) => `    ${line}\n`).join('')}`
}

let server: ForkServer
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())

async function withFiles(
  files: Readonly<Record<string, string | null>>,
  use: (folder: DbtFolder) => Promise<void>,
): Promise<void> {
  const folder = new DbtFolder(server.environment)
  try {
    folder.write({ ...FILES, ...files })
    await use(folder)
  } finally {
    folder.remove()
  }
}

/** Builds, and says that nothing is left to do. */
async function build(folder: DbtFolder, args: readonly string[] = [], env = {}): Promise<void> {
  const { code, stderr, stdout } = await folder.run(['materialize', ...args], env)
  expect([code, stderr + stdout]).toEqual([0, expect.any(String)])
  const status = await folder.run(['status', '--exit-code', ...args], env)
  expect([status.code, status.stdout]).toEqual([0, expect.any(String)])
}

/** The rows of `two` in a file of the folder. */
async function rowsIn(folder: DbtFolder, file: string, relation = 'main.two') {
  const engine = await openDuckdb(join(folder.root, file))
  try {
    const connection = await engine.connect()
    const rows = await connection.run(`select * from ${relation}`)
    connection.close()
    return rows
  } finally {
    engine.close()
  }
}

/** What a command that refuses the project prints. */
async function refused(folder: DbtFolder, args: readonly string[], env = {}): Promise<string> {
  const { code, stderr, stdout } = await folder.run(args, env)
  expect([code, stderr + stdout]).toEqual([2, expect.any(String)])
  return stderr + stdout
}

test('without a stated warehouse, it is where the default output of the profile leads', async () => {
  await withFiles({}, async (folder) => {
    await build(folder)
    // A relative path is relative to the folder in which dbt runs: that of its project.
    expect(await rowsIn(folder, 'shop/shop.duckdb')).toEqual([[1, 'dev']])
    expect(readdirSync(join(folder.root, 'shop')).filter((file) => /duckdb/.test(file))).toEqual([
      'shop.duckdb',
    ])
  })
})

test('a path from a variable is followed, and another one is another warehouse', async () => {
  const path = `dev: {type: duckdb, path: "{{ env_var('SHOP_FILE', 'a.duckdb') }}"}`
  await withFiles({ [PROFILES]: outputs(path) }, async (folder) => {
    await build(folder)
    expect(await rowsIn(folder, 'shop/a.duckdb')).toEqual([[1, 'dev']])
    const other = { SHOP_FILE: join(folder.root, 'b.duckdb') }
    const status = await folder.run(['status', '--json'], other)
    expect(status.stdout).toContain('"missing"')
    await build(folder, [], other)
    expect(await rowsIn(folder, 'b.duckdb')).toEqual([[1, 'dev']])
  })
})

test.each([
  ['~/here.duckdb', 'home/here.duckdb'],
  ['../data/day=1/here.duckdb', 'data/day=1/here.duckdb'],
])('the path %s leads where it leads dbt', async (path, file) => {
  const profiles = outputs(`dev: {type: duckdb, path: "${path}"}`)
  await withFiles(
    { [PROFILES]: profiles, 'home/.keep': '', 'data/day=1/.keep': '' },
    async (folder) => {
      await build(folder, [], { HOME: join(folder.root, 'home') })
      expect(await rowsIn(folder, file)).toEqual([[1, 'dev']])
    },
  )
})

test('each target has the output of its name, and `dbt.target` one for all', async () => {
  const profiles = outputs(
    'dev: {type: duckdb, path: dev.duckdb}',
    'prod: {type: duckdb, path: prod.duckdb, schema: live}',
  )
  const targets = 'default_target: dev\ntargets: {dev: {}, prod: {warehouse: {from: dbt}}}\n'
  const yaml = `${FILES['assets.yaml']}${targets}`
  await withFiles({ [PROFILES]: profiles, 'assets.yaml': yaml }, async (folder) => {
    await build(folder)
    await build(folder, ['--target', 'prod'])
    expect(await rowsIn(folder, 'shop/dev.duckdb')).toEqual([[1, 'dev']])
    expect(await rowsIn(folder, 'shop/prod.duckdb', 'live.two')).toEqual([[1, 'prod']])
    const all = yaml.replace('project_dir: shop', 'project_dir: shop, target: prod')
    folder.write({ 'assets.yaml': all })
    await build(folder)
    expect(await rowsIn(folder, 'shop/prod.duckdb', 'live.two')).toEqual([[1, 'prod']])
  })
})

test('dbt by hand builds in the same file and schemas', async () => {
  const profiles = outputs('dev: {type: duckdb, path: shop.duckdb, schema: analytics}')
  const models = `name: shop\nversion: 1.0.0\nprofile: shop\nmodels: {+materialized: table, +schema: marts}\n`
  await withFiles({ [PROFILES]: profiles, [PROJECT]: models }, async (folder) => {
    await build(folder)
    const relations =
      'select database_name, schema_name, table_name from duckdb_tables() order by all'
    const before = await rowsIn(folder, 'shop/shop.duckdb', `(${relations})`)
    const dbt = join(await sharedPython(), 'bin/dbt')
    const { HOME = '', PATH = '' } = process.env
    execFileSync(dbt, ['build', '--quiet'], {
      cwd: join(folder.root, 'shop'),
      env: { HOME, PATH, DO_NOT_TRACK: '1' },
    })
    expect(await rowsIn(folder, 'shop/shop.duckdb', `(${relations})`)).toEqual(before)
    expect(before).toHaveLength(2)
    const files = readdirSync(folder.root, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => file.endsWith('.duckdb'))).toEqual(['shop/shop.duckdb'])
  })
})

test('a command with nothing to do starts no Python', async () => {
  await withFiles({}, async (folder) => {
    await build(folder)
    const python = join(server.environment, 'bin/python')
    renameSync(python, `${python}.away`)
    writeFileSync(python, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    try {
      for (const command of ['status', 'materialize', 'plan']) {
        const { code, stderr, stdout } = await folder.run([command])
        expect([code, stderr + stdout]).toEqual([0, expect.any(String)])
      }
    } finally {
      renameSync(`${python}.away`, python)
    }
  })
})

test('without profiles.yml, one message says which lines to write', async () => {
  await withFiles({ [PROFILES]: null }, async (folder) => {
    const env = { HOME: folder.root }
    for (const command of ['check', 'status', 'materialize']) {
      const said = await refused(folder, [command], env)
      expect(said).toContain('shop/dbt_project.yml:3:10  error  ')
      expect(said).toContain('.dbt/profiles.yml does not exist')
      expect(said).toContain('    shop:\n      target: dev\n      outputs:\n        dev:\n')
      expect(said.match(/error {2}/g)).toHaveLength(1)
    }
    folder.write({ '.dbt/profiles.yml': FILES[PROFILES] })
    await build(folder, [], env)
    expect(existsSync(join(folder.root, 'shop/shop.duckdb'))).toBe(true)
  })
})

test.each([
  ['target: prd', /assets\.yaml:3:\d+ {2}error.* has no output prd, [\s\S]*did you mean "prod"\?/],
  [
    'profile: shp',
    /shop\/profiles\.yml:1:1 {2}error.* has no profile shp\n[\s\S]*did you mean "shop"\?/,
  ],
  [
    'target: pg',
    /:8:\d+ {2}error.*has the type postgres, [\s\S]*types that work: duckdb, snowflake; output dev has one: `dbt: \{target: dev\}`/,
  ],
  ['target: cloud', /leads to md:shop, which assets can't open/],
  ['target: memory', /keeps its tables in memory/],
  ['target: daily', /can lead to another warehouse in each command/],
])('a profile is refused before anything is built with %s', async (key, message) => {
  const profiles = outputs(
    'dev: {type: duckdb, path: shop.duckdb}',
    'prod: {type: duckdb, path: prod.duckdb}',
    'other: {type: duckdb, path: other.duckdb}',
    `memory: {type: duckdb}`,
    'pg: {type: postgres, host: h, user: u, password: p, port: 5432, dbname: d, schema: s}',
    'cloud: {type: duckdb, path: "md:shop?motherduck_token=abc12345"}',
    `daily: {type: duckdb, path: "{{ run_started_at.strftime('%j') }}.duckdb"}`,
  )
  const yaml = FILES['assets.yaml'].replace('project_dir: shop', `project_dir: shop, ${key}`)
  await withFiles({ [PROFILES]: profiles, 'assets.yaml': yaml }, async (folder) => {
    for (const command of ['check', 'materialize']) {
      const said = await refused(folder, [command])
      expect(said).toMatch(message)
      expect(said).not.toContain('abc12345')
      expect(said.match(/error {2}/g)).toHaveLength(1)
    }
    const files = readdirSync(folder.root, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => file.endsWith('.duckdb'))).toEqual([])
  })
})

test('a view over an attached file is read as dbt reads it', async () => {
  const attach = 'attach: [{path: ../other.duckdb, alias: other}]'
  const profiles = outputs(`dev: {type: duckdb, path: shop.duckdb, ${attach}}`)
  const model = "{{ config(materialized='view') }} select * from other.main.t"
  const files = { [PROFILES]: profiles, 'shop/models/one.sql': model }
  await withFiles(files, async (folder) => {
    await rowsIn(folder, 'other.duckdb', '(select 1)')
    const run = async (sql: string) => {
      const engine = await openDuckdb(join(folder.root, 'other.duckdb'))
      const connection = await engine.connect()
      await connection.run(sql)
      connection.close()
      engine.close()
    }
    await run('create table t as select 7 as id')
    await build(folder)
    expect(await rowsIn(folder, 'shop/shop.duckdb')).toEqual([[7, 'dev']])
  })
})

test('doctor examines the file that the profile leads to', async () => {
  await withFiles({}, async (folder) => {
    const { stdout } = await folder.run(['doctor'])
    expect(stdout).toContain('shop/shop.duckdb does not exist yet')
  })
})
