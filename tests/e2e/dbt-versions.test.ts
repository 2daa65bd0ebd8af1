import { mkdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { DbtProject } from '../rig/dbt-project.ts'
import { pythonWith } from '../rig/python.ts'

// The versions of dbt-core that assets runs, besides the one of dbt/requirements.txt that all other tests run.

const environments = []
for (const version of ['1.8', '1.9', '1.10', '1.12']) {
  const made = await pythonWith(`tests/rig/dbt-versions/${version}.txt`)
  const missing = made.ok ? '' : ` (needs PyPI: ${made.problems[0]!.message})`
  environments.push({ version, python: made.ok ? made.value : null, missing })
}

let project: DbtProject
afterEach(() => project.remove())

const FILES = {
  'dbt/seeds/countries.csv': 'customer,country\na,AT\nb,BE\n',
  'dbt/macros/cents.sql': '{% macro cents(c) %} cast({{ c }} * 100 as bigint) {% endmacro %}\n',
  'dbt/models/orders.sql':
    "{{ config(materialized='view') }} select * from (values (1, 'a', 2), (2, 'b', 3)) as o(id, customer, amount)",
  'dbt/models/big.sql':
    "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }} where amount > {{ var('least', 1) }}",
  'dbt/models/priced.sql':
    "select id, customer, {{ cents('amount') }} as price from {{ ref('big') }}",
  'dbt/models/journal.sql': `{{ config(materialized='incremental', unique_key='id') }}
select * from {{ ref('priced') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}`,
  'dbt/models/joined.sql':
    "select * from {{ ref('priced') }} left join {{ ref('countries') }} using (customer)",
  'dbt/models/schema.yml': `version: 2
models:
  - name: priced
    columns: [{name: id, data_tests: [unique, not_null]}]
unit_tests:
  - name: cents_of
    model: priced
    given: [{input: ref('big'), format: sql, rows: "select 1 as id, 'a' as customer, 2 as amount"}]
    expect: {format: sql, rows: "select 1 as id, 'a' as customer, 200::bigint as price"}
`,
  'dbt/snapshots/history.sql': `{% snapshot history %}
{{ config(target_schema='main', unique_key='id', strategy='check', check_cols='all') }}
select * from {{ ref('priced') }}
{% endsnapshot %}
`,
  'dbt/tests/positive.sql': "select * from {{ ref('journal') }} where price < 0\n",
}
const ASSETS = [
  'countries: {kind: dbt}',
  'orders: {kind: dbt}',
  'big: {kind: dbt, deps: [orders]}',
  'priced: {kind: dbt, deps: [big]}',
  'journal: {kind: dbt, deps: [priced]}',
  'joined: {kind: dbt, deps: [priced, countries]}',
  'history: {kind: dbt, deps: [priced]}',
]

const stale = (...names: readonly string[]) =>
  Object.fromEntries(
    ASSETS.map((line) => line.split(':')[0]!).map((name) => [
      name,
      names.includes(name) ? 'stale code' : 'fresh',
    ]),
  )

describe.each(environments)('dbt-core $version', ({ version, python, missing }) => {
  let server: ForkServer | undefined
  beforeAll(async () => {
    server = python === null ? undefined : await startForkServer(python)
  })
  afterAll(() => server?.stop())

  test.skipIf(python === null)(`builds what is stale${missing}`, async () => {
    project = new DbtProject(server!.environment, ASSETS, FILES)
    expect(await project.show('materialize')).toContain('6 built · 4 checked')
    expect(await project.verdicts()).toEqual(stale())
    expect(await project.show('materialize')).toContain('nothing to do')

    project.write('dbt/macros/cents.sql', FILES['dbt/macros/cents.sql'].replace('100', '10'))
    project.write('dbt/models/schema.yml', FILES['dbt/models/schema.yml'].replace('200', '20'))
    expect(await project.verdicts()).toEqual({
      ...stale('priced'),
      journal: 'pending',
      joined: 'pending',
      history: 'pending',
    })
    await project.show('materialize')
    expect(await project.verdicts()).toEqual(stale())
    expect(await project.sql('select id::int, price::int, country from joined order by 1')).toEqual(
      [
        [1, 20, 'AT'],
        [2, 30, 'BE'],
      ],
    )
    // What is built on top keeps its rows; a snapshot keeps the former ones.
    expect(await project.sql('select price::int from journal order by 1')).toEqual([[200], [300]])
    expect(
      await project.sql('select price::int, dbt_valid_to is null from history order by 1'),
    ).toEqual([
      [20, true],
      [30, true],
      [200, false],
      [300, false],
    ])

    project.write('dbt/models/orders.sql', FILES['dbt/models/orders.sql'].replace('3)', '0)'))
    project.write('dbt/seeds/countries.csv', 'customer,country\na,AT\nb,BG\n')
    expect(await project.show('materialize')).not.toContain('failed')
    expect(await project.sql('select id::int, country from joined')).toEqual([[1, 'AT']])
    expect(await project.show('verify')).not.toContain('unsound')
  })

  test.skipIf(python === null)(`asks how old a source is${missing}`, async () => {
    const assets = [
      'events: {kind: external, relation: main.events}',
      'seen: {kind: dbt, deps: [events]}',
    ]
    const limit = '{error_after: {count: 1, period: day}}'
    project = new DbtProject(server!.environment, assets, {
      'dbt/models/sources.yml': `version: 2
sources: [{name: app, schema: main, loaded_at_field: loaded, freshness: ${limit}, tables: [{name: events}]}]
`,
      'dbt/models/seen.sql': "select * from {{ source('app', 'events') }}",
    })
    mkdirSync(project.path('.assets'))
    await project.sql('create table events as select now() - interval 31 hour as loaded')
    const old = await project.show('materialize')
    expect(old).toMatch(/source_freshness_app_events on events: .*, 31 h ago, error after 1 d/)
    expect(old).toMatch(/blocked +seen/)
    await project.sql('update events set loaded = now()')
    expect(await project.show('materialize')).toContain('1 built · 1 checked')
  })

  test.skipIf(python === null || version !== '1.12')(
    `parses with dbt's own parser, whatever the project says${missing}`,
    async () => {
      const settings = 'name: shop\nprofile: shop\nflags: {use_v2_parser: true}\n'
      project = new DbtProject(server!.environment, ASSETS, {
        ...FILES,
        'dbt/dbt_project.yml': settings,
      })
      expect(await project.verdicts()).toMatchObject({ orders: 'stale missing' })
    },
  )
})
