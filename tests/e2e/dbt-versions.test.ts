import { afterEach, expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'

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

test.each([...(process.env.VERSIONS ?? '').split(',')])('%s', async (version) => {
  project = new DbtProject(`/tmp/dbtenvs/${version}`, ASSETS, FILES)
  console.log(await project.show('materialize'))
  console.log(await project.show('status'))
  project.write('dbt/macros/cents.sql', FILES['dbt/macros/cents.sql'].replace('100', '10'))
  console.log(await project.show('materialize'))
  console.log(await project.show('status'))
  console.log(await project.show('verify'))
  console.log(await project.sql('select * from main.joined'))
  expect(1).toBe(1)
})
