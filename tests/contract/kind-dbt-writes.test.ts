import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { inOneShop } from '../rig/one-shop.ts'
import { sharedPython } from '../rig/python.ts'
import { type Command, endings, SHOP, SHOP_ASSETS, type Shop } from '../rig/shop.ts'

const WORKER = join(dirname(fileURLToPath(import.meta.url)), '../../framework/kinds/dbt/worker')
const ORDERS =
  'select i as id, chr(97 + (i % 3)::int) as customer, i * 1.5 as amount from range(10) t(i)'

/** What `written_by` of the worker finds in each text: names, or null for anything. */
async function written(texts: readonly string[]): Promise<readonly unknown[]> {
  const code = `import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from worker_writes import written_by
found = [written_by(text) for text in json.loads(sys.argv[2])]
print(json.dumps([[each and ".".join(each) for each in one] for one in found]))`
  const python = join(await sharedPython(), 'bin/python')
  const { stdout } = await promisify(execFile)(python, ['-c', code, WORKER, JSON.stringify(texts)])
  return JSON.parse(stdout)
}

/** Texts, and what `written_by` finds: names, or null for anything. */
const STATEMENTS: readonly (readonly [string, readonly (string | null)[]])[] = [
  ['insert into main.log values (1)', ['main.log']],
  ['insert or replace into "Log" values (1)', ['log']],
  ['insert overwrite into log select 1', ['log']],
  ['insert all into a values (1) into b values (2) select 1', [null]],
  ['with a as (select 1) insert into log select * from a', ['log']],
  ['explain analyze insert into log select 1', ['log']],
  ['delete from w.main.log; insert into w.main.log select 1', ['w.main.log', 'w.main.log']],
  ['update log set a = 1', ['log']],
  [
    'merge into log using x on a = b when matched then update set a = 1 when not matched then insert (a) values (1)',
    ['log'],
  ],
  ['insert into t values (1) on conflict do update set a = 1', ['t']],
  ['truncate log', ['log']],
  ['truncate table if exists log', ['log']],
  ['create table if not exists log (a int)', ['log']],
  ['create or replace transient table log as select 1', ['log']],
  ['create temp table log as select 1', []],
  ['create schema if not exists x', []],
  ['create macro twice(x) as x * 2', []],
  ['create or replace schema x', [null]],
  ['drop view if exists "w"."main"."v" cascade', ['w.main.v']],
  ['drop schema x cascade', [null]],
  ['undrop table log', [null]],
  ['alter table "w"."main"."a__dbt_tmp" rename to "a"', ['w.main.a__dbt_tmp', 'a']],
  ['alter table a swap with b', ['a', 'b']],
  ["copy log (a, b) from 'x.csv'", ['log']],
  ['copy into log from @stage', ['log']],
  ["copy (select * from log) to 'x.csv'", []],
  ["copy log to 'x.csv'", []],
  ["import database 'x'", [null]],
  ['call p()', [null]],
  ['with p as procedure () returns int as $$ x $$ call p()', [null]],
  ["execute immediate 'delete from log'", [null]],
  ["insert into identifier('log') values (1)", [null]],
  ['begin insert into log values (1); end', ['log']],
  ['select \'insert into log\', "delete from" from a -- delete from log', []],
  [
    '/* update log */ select deleted, t.update, insert(a, 1, 2, b), truncate(c) from t for update',
    [],
  ],
  // Other dialects: a backslash that escapes a quote, a comment after two slashes.
  ["select 'a\\'b'; delete from log", ['log']],
  ["select 'C:\\'; delete from log where a = 'x'", ['log']],
  ["// don't\ndelete from log", ['log']],
]

test('a statement writes what follows its verbs, and what it does not say may be anything', async () => {
  const found = await written(STATEMENTS.map(([sql]) => sql))
  expect(STATEMENTS.map(([sql], at) => [sql, found[at]])).toEqual(STATEMENTS)
})

let shop: Shop
let command: Command
inOneShop((...opened) => {
  ;[shop, command] = opened
})

const project = (more: string) => `${SHOP['dbt/dbt_project.yml']}${more}\n`

describe('a call', () => {
  test('that builds models, seeds and snapshots writes nothing else', async () => {
    await shop.load(ORDERS)
    const { checks } = await command.define()
    const all = [
      ...Object.keys(SHOP_ASSETS).filter((name) => name !== 'big'),
      ...checks.map(({ name }) => name),
    ]
    await command.run(all)
    await command.run(
      all.map((name) => (command.assets.some((one) => one.name === name) ? `!${name}` : name)),
    )
    expect(command.sideWrites).toEqual([])
  })

  test('reports what a hook of the project writes, after what was built before is measured', async () => {
    shop.write(
      'dbt/dbt_project.yml',
      project(`on-run-start: "create table if not exists {{ target.schema }}.seen (id int)"
on-run-end: "{% if execute %}insert into {{ target.schema }}.countries values ('z', 'ZZ'){% endif %}"`),
    )
    await command.define()
    const reports = await command.run(['countries'])
    expect(reports.at(-1)).toMatchObject({ step: 'built', product: { rows: 2 } })
    expect(command.sideWrites).toEqual([
      {
        relations: ['main.seen'],
        by: 'on-run-start of dbt project shop',
        isBeforeSteps: true,
        built: new Map(),
      },
      {
        relations: ['main.countries'],
        by: 'on-run-end of dbt project shop',
        isBeforeSteps: false,
        built: new Map([['countries', 'measured']]),
      },
    ])
  })

  test('reports what the hooks and the SQL of a model write elsewhere, not what they write into itself', async () => {
    shop.write(
      'dbt/models/by_customer.sql',
      `{{ config(pre_hook="delete from {{ target.schema }}.countries where false", post_hook="insert into {{ this }} values ('z', 1)") }}
{% if execute %}{% do run_query('update ' ~ target.schema ~ '.countries set country = country') %}{% endif %}
select customer, sum(amount) as total from {{ ref('big') }} group by 1
`,
    )
    await shop.load(ORDERS)
    await command.define()
    await command.run(['countries'])
    const reports = await command.run(['stg_orders', 'by_customer'])
    expect(reports.at(-1)).toMatchObject({
      step: 'built',
      name: 'by_customer',
      product: { rows: 4 },
    })
    expect(command.sideWrites.map(({ relations, by }) => [relations, by])).toEqual([
      [['main.countries'], 'the hooks or SQL of by_customer'],
      [['main.countries'], 'the hooks or SQL of by_customer'],
    ])
  })

  test('may write anything while a Python model runs', async () => {
    shop.write(
      'dbt/models/joined.py',
      `def model(dbt, session):
    dbt.config(materialized="table")
    return session.sql("select 1 as id")
`,
    )
    shop.remove('dbt/models/joined.sql')
    await command.define()
    expect(endings(await command.run(['joined']))).toEqual({ joined: 'built' })
    expect(command.sideWrites.map(({ relations, by }) => [relations, by])).toContainEqual([
      null,
      'the hooks or SQL of joined',
    ])
  })
})

describe('the declared order', () => {
  const SOURCES = `sources:
  - name: seeds
    schema: main
    tables:
      - name: countries
        columns: [{name: country, data_tests: [{accepted_values: {arguments: {values: [AT, BE]}}}]}]
`
  const CHECK = 'source_accepted_values_seeds_countries_country__AT__BE'
  const DEPS = { countries: [], reader: ['countries'], hard_coded: ['reader'] }
  let kept: Command | undefined
  const declared = () => {
    kept ??= shop.command(DEPS)
    return kept
  }
  const files = (rows: string) =>
    shop
      .write('dbt/models/seeds.yml', SOURCES)
      .write(
        'dbt/models/reader.sql',
        "select count(*) as n from {{ source('seeds', 'countries') }}",
      )
      .write('dbt/models/hard_coded.sql', 'select n as m from main.reader')
      .write('dbt/seeds/countries.csv', `customer,country\n${rows}`)

  test('is kept where dbt knows of none: a source that is a seed, a relation in the SQL', async () => {
    for (const rows of ['a,AT\n', 'a,AT\nb,BE\n']) {
      files(rows)
      const other = declared()
      expect((await other.define()).problems).toEqual([])
      const reports = await other.run(['hard_coded', CHECK, 'reader', 'countries'])
      expect(endings(reports)).toEqual({
        countries: 'built',
        [CHECK]: 'pass',
        reader: 'built',
        hard_coded: 'built',
      })
      const order = reports.flatMap((r) => (r.step === 'built' ? [r.name] : []))
      expect(order).toEqual(['countries', 'reader', 'hard_coded'])
    }
  })

  test('holds back what is below a failed check, through it alone', async () => {
    files('a,XX\n')
    const other = declared()
    await other.define()
    other.gates = { hard_coded: [CHECK] }
    const reports = await other.run(['hard_coded', CHECK, 'countries'])
    expect(endings(reports)).toEqual({ countries: 'built', [CHECK]: 'fail', hard_coded: 'skipped' })
    expect(reports.find((r) => r.step === 'skipped')).toMatchObject({ by: CHECK })
  })

  test('holds back what is below a failed model', async () => {
    files('a,AT\n').write('dbt/models/reader.sql', 'select nothing')
    const other = declared()
    await other.define()
    const reports = await other.run(['hard_coded', 'reader'])
    expect(endings(reports)).toEqual({ reader: 'failed', hard_coded: 'skipped' })
    expect(reports.find((r) => r.step === 'skipped')).toMatchObject({ by: 'reader' })
  })
})
