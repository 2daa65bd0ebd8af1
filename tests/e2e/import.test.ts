import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { sharedPython } from '../rig/python.ts'

const FILES = {
  'assets.yaml': `# ours
version: 1
project: shop
dbt: {project_dir: dbt} # its folder
targets: {local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}}
pools: {slow: 1}
policies:
  - {select: "tag:staging", retries: 1}
assets:
  # read by people
  total: {freshness: {max_age: 365d}}
  report: {kind: command, run: "echo x > r.txt", outputs: [r.txt], deps: [total]}
`,
  '.assets/.keep': '',
  'dbt/seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'dbt/models/staging/stg_orders.sql': "select * from {{ source('raw', 'orders') }}\n",
  'dbt/models/staging/stg_rates.sql': "select * from {{ source('raw', 'rates') }}\n",
  'dbt/models/total.sql':
    "select count(*) as n from {{ ref('stg_orders') }} union all select n from {{ ref('stg_rates') }}\n",
  'dbt/models/sources.yml': `sources:
  - {name: raw, schema: main, tables: [{name: orders}, {name: rates}]}
models:
  - {name: stg_orders, description: Long words., config: {tags: [staging], meta: {assets: {pool: slow}}}}
  - {name: stg_rates, config: {tags: [staging]}}
`,
}

let project: DbtProject
beforeEach(async () => {
  project = new DbtProject(await sharedPython(), [], FILES)
  await project.sql('create table main.rates as select 7 as n')
})
afterEach(() => project.remove())

const read = (file: string) => readFileSync(project.path(file), 'utf8')

test('after an import, everything is as it was and nothing is built', async () => {
  expect(await project.show('materialize')).not.toContain('exit')
  const before = Object.keys(await project.verdicts('--offline')).toSorted()
  expect(await project.show('import dbt')).toContain('assets/dbt.yaml   4 assets\nadded 4\n')
  expect(read('assets.yaml')).toBe(
    FILES['assets.yaml']
      .replace('{project_dir: dbt}', '{project_dir: dbt, models: declared}')
      .replace('project: shop\n', 'project: shop\ninclude: [assets/dbt.yaml]\n')
      .replace(
        '{freshness: {max_age: 365d}}',
        '{freshness: {max_age: 365d}, kind: dbt, deps: [stg_orders, stg_rates]}',
      ),
  )
  expect(read('assets/dbt.yaml')).toContain(`assets:
  orders: {}
  raw.rates:
    kind: external
    relation: main.rates
  stg_orders:
    deps: [orders]
    tags: [staging]
    pool: slow
  stg_rates:
    deps: [raw.rates]
    tags: [staging]
`)
  const verdicts = await project.verdicts()
  expect(Object.keys(verdicts).toSorted()).toEqual(before)
  expect(new Set(Object.values(verdicts))).toEqual(new Set(['fresh']))
})

test('the file is kept in step, with the keys and comments of people', async () => {
  await project.show('import dbt')
  const text = read('assets/dbt.yaml')
  const mine = '  # careful\n  stg_orders:\n    timeout: 1h\n'
  writeFileSync(project.path('assets/dbt.yaml'), text.replace('  stg_orders:\n', mine))
  project.write('dbt/models/extra.sql', "select * from {{ ref('stg_orders') }}\n")
  project.write(
    'dbt/models/staging/stg_orders.sql',
    "select * from {{ ref('orders') }}, {{ ref('stg_rates') }}\n",
  )
  expect(await project.json('import dbt --check --json', 4)).toEqual({
    schema: 'assets/import/1',
    file: 'assets/dbt.yaml',
    in_step: false,
    written: [],
    differs: ['assets/dbt.yaml'],
    assets: 5,
    added: ['extra'],
    removed: [],
    changed: [{ asset: 'stg_orders', keys: ['deps'] }],
  })
  expect(await project.show('import dbt')).toContain('written  assets/dbt.yaml')
  expect(read('assets/dbt.yaml')).toContain(`${mine}    deps: [orders, stg_rates]\n`)
  expect(await project.show('check')).toContain('no problems')
  expect(await project.show('import dbt --check')).toContain('in step with dbt')
})

test('an import that would change the project writes nothing', async () => {
  const text = read('assets.yaml').replace('"tag:staging"', '"config.materialized:table"')
  project.write('assets.yaml', text)
  expect(await project.show('import dbt')).toContain(
    "error  not imported, because then a policy can't be for this selection",
  )
  expect(read('assets.yaml')).toBe(text)
  expect(() => read('assets/dbt.yaml')).toThrow('ENOENT')
})

test('a file that is not ours is refused, and so is one that can not be one', async () => {
  project.write('assets/dbt.yaml', 'assets: {}\n')
  expect(await project.show('import dbt')).toContain(
    'assets/dbt.yaml:1:1  error  assets/dbt.yaml exists and was not written by assets import',
  )
  for (const file of ['../x.yaml', '/x.yaml', 'assets.yaml', 'x.txt']) {
    expect(await project.show(`import dbt --to ${file}`)).toMatch(
      /must be (a YAML file of its own|in the project, but).*\n.*\nexit 2/,
    )
  }
  expect(await project.show('import dbt --to more/of_dbt.yaml')).toContain(
    'written  more/of_dbt.yaml',
  )
  expect(read('assets.yaml')).toContain('include: [more/of_dbt.yaml]')
  expect(await project.show('import dbt --check')).toContain(
    'more/of_dbt.yaml   4 assets   in step',
  )
  expect(await project.show('import dbt --to other.yaml')).toContain(
    'more/of_dbt.yaml has the imported assets already',
  )
})

test('a file that can not be written is a problem, and nothing is changed', async () => {
  const text = read('assets.yaml')
  project.write('assets', 'a file\n')
  expect(await project.show('import dbt')).toMatch(
    /assets\/dbt.yaml can't be written: .*\n.*--to FILE\nexit 1/,
  )
  expect(read('assets.yaml')).toBe(text)
})

test('a project without dbt, a folder without a project, a word that is no tool', async () => {
  const desk = new InProcessProject({ 'assets.yaml': 'version: 1\nproject: shop\n' })
  expect(await desk.show('import dbt')).toContain('the project has no `dbt:` key')
  expect(await desk.show('import')).toMatch(/^ {2}dbt .*/m)
  expect(await desk.show('import lookml')).toContain('unknown command: lookml')
  desk.remove()
  const empty = new InProcessProject({ 'dbt_project.yml': 'name: shop\n' })
  expect(await empty.show('import dbt')).toContain(
    'create one for the dbt project in this folder: assets init',
  )
  empty.remove()
})
