import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sharedPython } from '../rig/python.ts'
import { type Command, endings, SHOP, SHOP_ASSETS, Shop } from '../rig/shop.ts'

let shop: Shop
let command: Command
beforeAll(async () => {
  shop = new Shop(await sharedPython())
  command = shop.command(ASSETS)
})
// One process reads the project again for each test: starting one takes longer than most of them.
beforeEach(() => {
  shop.reset(SHAPES)
})
afterAll(() => shop.close())

/** Features of public dbt projects besides plain models. */
const SHAPES: Readonly<Record<string, string>> = {
  'dbt/dbt_packages/money/dbt_project.yml': `name: money
version: 1.0.0
config-version: 2
vars: {money_places: 2}
models: {money: {+schema: money}}
`,
  'dbt/dbt_packages/money/macros/round.sql': `{% macro rounded(c) -%}
  {{ return(adapter.dispatch('rounded', 'money')(c)) }}
{%- endmacro %}
{% macro default__rounded(c) -%} round({{ c }}, {{ var('money_places') }}) {%- endmacro %}
{% macro duckdb__rounded(c) -%} {{ money.default__rounded(c) }} {%- endmacro %}
{% macro bigquery__rounded(c) -%} {{ c }} {%- endmacro %}
`,
  'dbt/dbt_packages/money/models/rates.sql': 'select 1 as rate',
  'dbt/macros/schema.sql': `{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ 'custom_' ~ custom_schema_name if custom_schema_name else target.schema }}
{%- endmacro %}
`,
  'dbt/models/priced.sql': `{{ config(alias='Prices', schema='Sales', meta={'owner': 'me'}) }}
select {{ money.rounded('total') }} as total from {{ ref('by_customer') }}, {{ ref('rates') }}
`,
  'dbt/models/dims.yml': `models:
  - name: dim
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
  - name: old_reader
  - name: typed
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}]
`,
  'dbt/models/dim_v1.sql': 'select 1 as id',
  'dbt/models/dim_v2.sql': 'select 2 as id',
  'dbt/models/old_reader.sql': "select * from {{ ref('dim', v=1) }}",
  'dbt/models/typed.sql': 'select 1 as id',
  'dbt/models/today.sql': 'select current_date as day',
  'dbt/models/steps.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch',
    event_time='day', batch_size='day', begin='2024-01-01', lookback=1) }}
select timestamp '2024-01-01 12:00' as day, 1 as n
`,
}
const ASSETS = {
  ...SHOP_ASSETS,
  rates: [],
  priced: ['by_customer', 'rates'],
  'dim.v1': [],
  dim: [],
  old_reader: ['dim.v1'],
  typed: [],
  today: [],
  steps: [],
}

describe('a project with packages, versions, aliases and contracts', () => {
  test('is defined correctly', async () => {
    const { definitions, problems } = await command.define()
    expect(problems).toEqual([])
    const at = (name: string) => definitions.get(name)!
    expect([at('priced').relation, at('rates').relation]).toEqual([
      'custom_sales.prices',
      'custom_money.rates',
    ])
    expect([at('dim.v1').relation, at('dim').relation]).toEqual(['main.dim_v1', 'main.dim_v2'])
    expect(at('rates').parts.map(({ file }) => file)).toContain(
      'dbt/dbt_packages/money/models/rates.sql',
    )
    expect(at('priced').parts.map(({ label }) => label)).toEqual([
      'model',
      'config',
      'references',
      'quoting',
      'macro money.bigquery__rounded',
      'macro money.default__rounded',
      'macro money.duckdb__rounded',
      'macro money.rounded',
      // The project does not set the variable, and a package's value does not apply to the project's models.
      'var money_places',
      'profile settings',
    ])
    expect(at('typed').parts.map(({ label }) => label)).toEqual([
      'model',
      'config',
      'references',
      'contract',
      'quoting',
      'profile settings',
    ])
    expect([at('today').clock, at('typed').clock]).toEqual([true, false])
  })

  test('each edit changes only the code versions that it affects', async () => {
    const edits: readonly (readonly [string, (text: string) => string, readonly string[]])[] = [
      ['dbt/dbt_packages/money/macros/round.sql', (t) => `{# why #}${t}`, []],
      ['dbt/dbt_packages/money/macros/round.sql', (t) => t.replace('round(', 'trunc('), ['priced']],
      ['dbt/macros/schema.sql', (t) => t.replace('custom_', 'other_'), []],
      ['dbt/models/priced.sql', (t) => t.replace("'me'", "'you'"), []],
      ['dbt/models/dim_v1.sql', (t) => `${t}, 3 as n`, ['dim.v1']],
      ['dbt/models/dims.yml', (t) => t.replace('integer', 'bigint'), ['typed']],
    ]
    const before = (await command.define()).definitions
    for (const [file, edit, touched] of edits) {
      shop.write(file, edit(SHAPES[file]!))
      const after = (await command.define()).definitions
      const changed = [...before.keys()].filter(
        (name) => after.get(name)!.codeVersion !== before.get(name)!.codeVersion,
      )
      expect([file, changed]).toEqual([file, touched])
      shop.write(file, SHAPES[file]!)
    }
  })

  test('a disabled model is a problem', async () => {
    shop.write(
      'dbt/models/today.sql',
      `{{ config(enabled=false) }} ${SHAPES['dbt/models/today.sql']}`,
    )
    const { problems } = await command.define()
    expect(problems).toMatchObject([
      { code: 'disabled-model', related: [{ at: { file: 'dbt/models/today.sql' } }] },
    ])
  })

  test('a package that can not be installed is a problem that says how to do it by hand', async () => {
    shop.write('dbt/packages.yml', 'packages: [{local: ../x}, {local: ../missing}]\n')
    const { problems } = await command.define()
    expect(problems).toMatchObject([
      {
        code: 'dbt-packages',
        at: { file: 'dbt/packages.yml' },
        hint: 'correct what dbt reports, or install them by hand: dbt deps --project-dir dbt',
      },
    ])
  })
})

test('a microbatch model has one outcome, however many batches it has', async () => {
  const begin = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
  const steps = SHAPES['dbt/models/steps.sql']!.replaceAll('2024-01-01', begin)
  shop.write('dbt/models/steps.sql', steps)
  await shop.load("select 1 as id, 'a' as customer, 5 as amount")
  const { definitions } = await command.define()
  expect(definitions.get('steps')!.accumulates).toBe('incremental')
  const reports = await command.run(['steps', 'countries'])
  expect(endings(reports)).toEqual({ steps: 'built', countries: 'built' })
  expect(reports.filter(({ name }) => name === 'steps')).toHaveLength(2)

  shop.write('dbt/models/steps.sql', steps.replace('1 as n', 'nobody as n'))
  await command.define()
  const failed = (await command.run(['!steps'])).filter(({ step }) => step !== 'started')
  expect(failed).toMatchObject([
    { step: 'failed', problem: { message: expect.stringContaining('nobody') } },
  ])
})

test('white space counts in a macro that is called inside a literal', async () => {
  const text = '{% macro greeting() %}hello  you{% endmacro %}'
  shop.write('dbt/macros/greeting.sql', text)
  shop.write(
    'dbt/models/joined.sql',
    `${SHOP['dbt/models/joined.sql']} where '{{ greeting() }}' <> ''`,
  )
  const before = (await command.define()).definitions.get('joined')!
  shop.write('dbt/macros/greeting.sql', text.replace('  ', ' '))
  const after = (await command.define()).definitions.get('joined')!
  expect(after.codeVersion).not.toBe(before.codeVersion)
})
