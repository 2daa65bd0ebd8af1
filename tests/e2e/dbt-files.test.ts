import { copyFileSync, existsSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

let python: string
let project: DbtProject
beforeAll(async () => {
  python = await sharedPython()
})
afterEach(() => project.remove())

const external = (sql: string, config = '') =>
  `{{ config(materialized='external'${config}) }} ${sql}`
const rewrite = (file: string, query: string) =>
  project.sql(`copy (${query}) to '${project.path(file)}'`)

describe('the file of an external materialization', () => {
  test('that others touched, changed, replaced or deleted is seen, also offline', async () => {
    project = new DbtProject(
      python,
      [
        'plain: {kind: dbt}',
        'parted: {kind: dbt}',
        'piped: {kind: dbt}',
        'counts: {kind: dbt, deps: [plain, parted, piped]}',
      ],
      {
        'dbt/models/plain.sql': external('select 1 as id'),
        'dbt/models/parted.sql': external(
          'select i as id, i % 2 as k from range(4) t(i)',
          ", location='out/{{ this.name }}', options={'partition_by': 'k', 'overwrite_or_ignore': true}",
        ),
        'dbt/models/piped.sql': external("select 'a|b' as t", ", format='csv', delimiter='|'"),
        'dbt/models/counts.sql': `select (select sum(id) from {{ ref('plain') }}) as plain,
  (select count(*) from {{ ref('parted') }}) as parted, (select max(t) from {{ ref('piped') }}) as piped`,
      },
    )
    expect(await project.show('materialize')).toContain('4 built')
    const files = ['dbt/out/plain.parquet', 'dbt/out/parted/k=0', 'dbt/out/piped.csv']
    expect(files.filter((file) => !existsSync(project.path(file)))).toEqual([])
    const fresh = { plain: 'fresh', parted: 'fresh', piped: 'fresh', counts: 'fresh' }
    expect(await project.verdicts()).toEqual(fresh)

    copyFileSync(project.path('dbt/out/plain.parquet'), project.path('older'))
    utimesSync(project.path('dbt/out/plain.parquet'), 1, 1)
    expect(await project.verdicts()).toEqual(fresh)
    expect(await project.verdicts('--offline')).toEqual(fresh)

    await rewrite('dbt/out/plain.parquet', 'select 9 as id')
    const folder = join(project.path('dbt/out/parted/k=1'))
    rmSync(join(folder, readdirSync(folder)[0]!))
    rmSync(project.path('dbt/out/piped.csv'))
    const wrong = {
      plain: 'stale drifted',
      parted: 'stale drifted',
      piped: 'stale missing',
      counts: 'pending',
    }
    expect(await project.verdicts()).toEqual(wrong)
    expect(await project.verdicts('--offline')).toEqual(wrong)
    copyFileSync(project.path('older'), project.path('dbt/out/plain.parquet'))
    expect((await project.verdicts()).plain).toBe('fresh')

    await rewrite('dbt/out/plain.parquet', 'select 9 as id')
    expect(await project.show('materialize')).toContain('3 unchanged · 1 released')
    expect(await project.verdicts()).toEqual(fresh)
    expect(await project.sql('select plain::int, parted::int, piped from counts')).toEqual([
      [1, 4, 'a|b'],
    ])
  })

  test('that is adopted is read by views and tables, wherever the command runs', async () => {
    project = new DbtProject(
      python,
      [
        'given: {kind: dbt, on_drift: adopt}',
        'shown: {kind: dbt, deps: [given]}',
        'total: {kind: dbt, deps: [shown]}',
      ],
      {
        'dbt/models/given.sql': external('select 1 as id'),
        'dbt/models/shown.sql':
          "{{ config(materialized='view') }} select id from {{ ref('given') }}",
        'dbt/models/total.sql': "select sum(id)::int as id from {{ ref('shown') }}",
      },
    )
    await project.show('materialize')
    await rewrite('dbt/out/given.parquet', 'select 5 as id')
    expect(await project.show('materialize')).toContain('1 built · 1 adopted · 1 already fresh')
    expect(await project.sql('select id from total')).toEqual([[5]])
    expect(await project.verdicts()).toEqual({ given: 'fresh', shown: 'fresh', total: 'fresh' })
  })

  test('at a URL has no token, so its rows are read by every command that looks', async () => {
    project = new DbtProject(python, ['far: {kind: dbt}', 'near: {kind: dbt, deps: [far]}'], {
      'dbt/models/near.sql': "select * from {{ ref('far') }}",
    })
    const location = `file://${project.path('far.parquet')}`
    project.write('dbt/models/far.sql', external('select 1 as id', `, location='${location}'`))
    await project.show('materialize')
    expect(await project.verdicts()).toEqual({ far: 'fresh', near: 'fresh' })
    await rewrite('far.parquet', 'select 2 as id')
    expect(await project.verdicts()).toEqual({ far: 'stale drifted', near: 'pending' })
    rmSync(project.path('far.parquet'))
    expect(await project.verdicts()).toEqual({ far: 'stale unknown', near: 'pending' })
  })

  test('two models may not write, and a new place is a build', async () => {
    const location = ", location='out/one.parquet'"
    project = new DbtProject(python, ['one: {kind: dbt}', 'two: {kind: dbt}'], {
      'dbt/models/one.sql': external('select 1 as id'),
      'dbt/models/two.sql': external('select 2 as id', location),
    })
    const conflict = 'one and two both write dbt/out/one.parquet'
    expect(await project.show('check')).toContain(conflict)
    project.declare(['one: {kind: dbt}'])
    await project.show('materialize')
    project.write('dbt/out/new/.keep', '')
    project.write(
      'dbt/profiles.yml',
      `shop: {target: local, outputs: {local: {type: duckdb, external_root: out/new,
        path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere.duckdb') }}"}}}\n`,
    )
    expect(await project.show('materialize')).toContain('1 unchanged')
    expect(existsSync(project.path('dbt/out/new/one.parquet'))).toBe(true)
    expect(await project.verdicts()).toEqual({ one: 'fresh' })
  })
})

describe('a source with an external_location', () => {
  const FILES = {
    'dbt/models/sources.yml': `sources:
  - name: files
    config: {meta: {external_location: "data/{name}.csv"}}
    tables:
      - {name: prices}
      - {name: days, config: {external_location: "read_csv('data/day_*.csv', filename = true)"}}
      - {name: made, config: {external_location: "../out/{name}.csv"}}
`,
    'dbt/models/total.sql': "select sum(price)::int as n from {{ source('files', 'prices') }}",
    'dbt/models/busy.sql': "select count(*)::int as n from {{ source('files', 'days') }}",
    'dbt/models/copied.sql': "select * from {{ source('files', 'made') }}",
    'dbt/data/prices.csv': 'price\n1\n2\n',
    'dbt/data/day_1.csv': 'n\n1\n',
  }
  const READERS = [
    'total: {kind: dbt, deps: [prices]}',
    'busy: {kind: dbt, deps: [days]}',
    'copied: {kind: dbt, deps: [made]}',
  ]
  const GIVEN = [
    'prices: {kind: external, path: dbt/data/prices.csv}',
    "days: {kind: external, path: 'dbt/data/day_*.csv'}",
    "made: {kind: command, run: 'mkdir -p out && echo n > out/made.csv', outputs: [out/made.csv]}",
  ]

  test('is the asset of that file or pattern; a change of it makes its readers stale', async () => {
    project = new DbtProject(python, [...GIVEN, ...READERS], FILES)
    expect(await project.show('materialize')).toContain('4 built')
    const fresh = await project.verdicts()
    expect(new Set(Object.values(fresh))).toEqual(new Set(['fresh']))

    project.write('dbt/data/prices.csv', 'price\n1\n20\n')
    project.write('dbt/data/day_2.csv', 'n\n1\n')
    const stale = { ...fresh, total: 'stale data', busy: 'stale data' }
    expect(await project.verdicts()).toEqual(stale)
    expect(await project.verdicts('--offline')).toEqual(stale)
    await project.show('materialize')
    expect(await project.verdicts()).toEqual(fresh)
    expect(await project.sql('select total.n, busy.n from total, busy')).toEqual([[21, 2]])
  })

  test('without such an asset is a problem that shows how to declare it', async () => {
    project = new DbtProject(python, ['total: {kind: dbt}'], FILES)
    const shown = await project.show('check')
    expect(shown).toContain(
      'dbt source files.prices (dbt/data/prices.csv) is read by total but is not an asset',
    )
    expect(shown).toContain(
      'declare an asset for the file, for example prices: {kind: external, path: dbt/data/prices.csv}',
    )
  })
})

describe('a file that SQL names', () => {
  const FILES = {
    'dbt/models/total.sql': "select sum(price)::int as n from read_csv('data/prices.csv')",
    'dbt/data/prices.csv': 'price\n1\n2\n',
  }

  test('has to be among the deps of the model, and a change of it is a change of its input', async () => {
    project = new DbtProject(python, ['total: {kind: dbt}'], FILES)
    expect(await project.show('check')).toContain(
      'total reads dbt/data/prices.csv, which is not among its deps',
    )
    project.declare([
      'prices: {kind: external, path: dbt/data/prices.csv}',
      'total: {kind: dbt, deps: [prices]}',
    ])
    expect(await project.show('materialize')).toContain('1 built')
    project.write('dbt/data/prices.csv', 'price\n1\n20\n')
    expect(await project.verdicts()).toEqual({ prices: 'fresh', total: 'stale data' })
    await project.show('materialize')
    expect(await project.verdicts()).toEqual({ prices: 'fresh', total: 'fresh' })
    expect(await project.sql('select n from total')).toEqual([[21]])
  })
})
