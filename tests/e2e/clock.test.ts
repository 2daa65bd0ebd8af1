import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { eventsOf } from '../rig/events.ts'
import { sharedPython } from '../rig/python.ts'

// Models of real dbt that name the clock, with and without a policy for it (SEMANTICS 18b).

const PROJECT = {
  'assets.yaml': `version: 1
project: clock
default_target: local
dbt: {project_dir: dbt, models: declared}
targets:
  local: {warehouse: {type: duckdb, path: .assets/warehouse.duckdb}}
assets:
  orders: {kind: dbt}
  history: {kind: dbt, deps: [orders]}
  daily: {kind: dbt, deps: [orders]}
  started: {kind: dbt, deps: [orders]}
  by_macro: {kind: dbt, deps: [orders]}
  recent: {kind: dbt, deps: [daily]}
  cutoff: {kind: dbt, deps: [orders]}
  since_cutoff: {kind: dbt, deps: [cutoff]}
  plain: {kind: dbt, deps: [daily]}
  aged: {kind: dbt, deps: [orders], freshness: {max_age: 1d}}
  nightly: {kind: dbt, deps: [orders], freshness: {cron: "0 2 * * *", timezone: UTC}}
  stamped: {kind: dbt, deps: [orders], volatile_columns: [loaded_at]}
  live: {kind: dbt, deps: [orders], data_version: always_new}
`,
  'dbt/dbt_project.yml': `name: clock
version: 1.0.0
config-version: 2
profile: clock
models: {clock: {+materialized: table}}
`,
  'dbt/profiles.yml': `clock:
  target: local
  outputs:
    local:
      type: duckdb
      path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere.duckdb') }}"
`,
  'dbt/seeds/orders.csv': 'id,day\n1,2026-01-01\n',
  'dbt/snapshots/history.yml': `snapshots:
  - name: history
    relation: ref('orders')
    config: {strategy: check, unique_key: id, check_cols: all}
`,
  'dbt/macros/age.sql': `{% macro age(day) %}
  -- not now()
  date_diff('day', {{ day }}, today())
{% endmacro %}
`,
  'dbt/models/daily.sql': `-- orders until now()
select id, 'current_date' as word
from {{ ref('orders') }} where day < current_date
`,
  'dbt/models/started.sql': `select id, '{{ run_started_at }}' as at from {{ ref('orders') }}\n`,
  'dbt/models/by_macro.sql': `select id, {{ age('day') }} as age from {{ ref('orders') }}\n`,
  'dbt/models/recent.sql': `{{ config(materialized='view') }}
select id, now() as seen_at from {{ ref('daily') }}
`,
  'dbt/models/cutoff.sql': `{{ config(materialized='ephemeral') }}
select id from {{ ref('orders') }} where day < now()
`,
  'dbt/models/since_cutoff.sql': `select id from {{ ref('cutoff') }}\n`,
  'dbt/models/plain.sql': `select id from {{ ref('daily') }}\n`,
  'dbt/models/aged.sql': `select id, current_date as day from {{ ref('orders') }}\n`,
  'dbt/models/nightly.sql': `select id, current_date as day from {{ ref('orders') }}\n`,
  'dbt/models/stamped.sql': `select id, now() as loaded_at from {{ ref('orders') }}\n`,
  'dbt/models/live.sql': `{{ config(materialized='view') }}
select id, now() as at from {{ ref('orders') }}
`,
}

interface Warned {
  readonly warnings: readonly {
    readonly code: string
    readonly asset: string
    readonly message: string
    readonly file: string
    readonly line: number
    readonly hint: string
  }[]
}

const SAYS = {
  daily: 'current_date (dbt/models/daily.sql:3)',
  started: 'run_started_at (dbt/models/started.sql:1)',
  by_macro: 'today() (dbt/macros/age.sql:3)',
  recent: 'now() (dbt/models/recent.sql:2)',
  since_cutoff: 'now() (dbt/models/cutoff.sql:2) in cutoff',
}

let project: CliProject
beforeAll(async () => {
  project = new CliProject({ ASSETS_PYTHON_ENV: await sharedPython() })
  for (const [file, text] of Object.entries(PROJECT)) project.write(file, text)
})
afterAll(() => project.remove())

const messages = ({ warnings }: Warned) =>
  Object.fromEntries(warnings.map(({ asset, message }) => [asset, message]))

const expected = (names: readonly (keyof typeof SAYS)[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      `${name}: ${SAYS[name]} gives other rows as time passes, and nothing makes it stale`,
    ]),
  )

const ALL = Object.keys(SAYS) as (keyof typeof SAYS)[]

test('the first run warns of each model once, although dbt is parsed during the run', async () => {
  const answer = await project.run('materialize', '--json')
  expect(answer.code).toBe(0)
  const events = eventsOf(answer) as unknown as { event: string; problem: Warned['warnings'][0] }[]
  const warnings = events.filter(({ event }) => event === 'warning').map(({ problem }) => problem)
  expect(messages({ warnings })).toEqual(expected(ALL))
  expect(warnings).toHaveLength(ALL.length)
})

test('check, status and plan warn of each model once, as JSON', async () => {
  for (const verb of ['check', 'status', 'plan'] as const) {
    const answer = await project.run(verb, '--json')
    expect([verb, answer.code, answer.stderr]).toEqual([verb, 0, ''])
    const { warnings } = JSON.parse(answer.stdout) as Warned
    expect(messages({ warnings })).toEqual(expected(ALL))
    const daily = warnings.find(({ asset }) => asset === 'daily')
    expect(daily).toMatchObject({ code: 'clock-without-policy', file: 'assets.yaml', line: 10 })
    expect(daily?.hint).toMatch(/freshness: \{max_age: 1d\}.*volatile_columns:/)
  }
})

test('as text, a later run and status warn on stderr, and no exit code changes', async () => {
  const run = await project.run('materialize', 'recent')
  expect(run.code).toBe(0)
  expect(run.stderr).toContain(
    'assets.yaml:10:3  warning  daily: current_date (dbt/models/daily.sql:3) gives other rows',
  )
  expect(run.stderr.match(/ warning /g)).toHaveLength(2)
  const status = await project.run('status', 'by_macro', 'plain', '--exit-code')
  expect(status.code).toBe(0)
  expect(status.stderr).toContain('by_macro: today() (dbt/macros/age.sql:3)')
  expect(status.stderr.match(/ warning /g)).toHaveLength(1)
})
