import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliProject, type CliResult } from '../rig/cli.ts'
import { sharedPython } from '../rig/python.ts'
import { inWarehouse } from '../rig/warehouse-file.ts'

// Everything that moves a relation of a dbt project, one after the other, in one project.

let project: CliProject
const env: Record<string, string> = {}

beforeAll(async () => {
  env.ASSETS_PYTHON_ENV = await sharedPython()
  project = new CliProject(env)
    .write(
      'assets.yaml',
      `version: 1
project: moves
dbt: {project_dir: dbt, models: declared}
default_target: local
targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
  days: {kind: dbt}
  shown: {kind: dbt, deps: [days]}
  edition: {kind: dbt, deps: [days]}
  history: {kind: dbt, deps: [days]}
  report: {kind: extract, deps: [shown], from: shown, to: out/report.csv}
`,
    )
    .write(
      'dbt/dbt_project.yml',
      'name: moves\nversion: 1.0.0\nconfig-version: 2\nprofile: moves\nmodels:\n  +materialized: table\n',
    )
    .write(
      'dbt/profiles.yml',
      `moves:
  target: local
  outputs:
    local:
      type: duckdb
      schema: "{{ env_var('MOVES_' ~ 'SCHEMA', 'main') }}"
      path: "{{ env_var('DBT_DUCKDB_PATH', '../w.duckdb') }}"
`,
    )
    .write('dbt/models/days.sql', 'select 1 as day')
    .write(
      'dbt/models/shown.sql',
      "{{ config(materialized='view') }} with days as (select * from {{ ref('days') }}) select * from days",
    )
    .write('dbt/models/edition_v1.sql', "select day from {{ ref('days') }}")
    .write('dbt/models/edition_v2.sql', "select day from {{ ref('days') }}")
    .write('dbt/models/models.yml', editions(1))
    .write(
      'dbt/snapshots/history.sql',
      `{% snapshot history %}
{{ config(unique_key='day', strategy='check', check_cols='all', schema='kept') }}
select * from {{ ref('days') }}
{% endsnapshot %}`,
    )
  await done('materialize')
}, 120_000)
afterAll(() => project.remove())

function editions(latest: number): string {
  return `models:\n  - {name: edition, latest_version: ${latest}, versions: [{v: 1}, {v: 2}]}\n`
}

async function run(...args: readonly string[]): Promise<CliResult> {
  return project.start(args, env).ended
}

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args)
  expect(`${code} ${code === 0 ? '' : stdout + stderr}`).toBe('0 ')
  return stdout
}

/** The tables and views of the warehouse, as `schema.name`. */
async function relations(): Promise<string[]> {
  const instance = await DuckDBInstance.create(project.path('w.duckdb'), {
    access_mode: 'READ_ONLY',
  })
  try {
    const connection = await instance.connect()
    const rows = await connection.runAndReadAll(
      "select table_schema || '.' || table_name from information_schema.tables",
    )
    connection.closeSync()
    return rows.getRows().map(([name]) => String(name))
  } finally {
    instance.closeSync()
  }
}

/** The assets that are stale, offline. */
async function stale(): Promise<string[]> {
  const { stdout } = await run('status', '--offline', '--json')
  const { assets } = JSON.parse(stdout) as {
    readonly assets: readonly { readonly name: string; readonly verdict: string }[]
  }
  return assets.flatMap(({ name, verdict }) => (verdict === 'stale' ? [name] : [])).sort()
}

test('another latest version under the bare name is built at its own relation', async () => {
  project.write('dbt/models/models.yml', editions(2))
  expect(await stale()).toEqual(['edition'])
  const plan = await done('plan', 'edition')
  expect(plan).toContain('it belongs at main.edition_v2 now; run 1 built it at main.edition_v1')
  expect(plan).toContain('drop what nothing reads: assets materialize edition --only --prune')
  expect(await done('materialize', 'edition', '--only')).toContain('main.edition_v1')
  const preview = await done('materialize', 'edition', '--only', '--prune', '--dry-run')
  expect(preview).toContain('will be dropped')
  expect(await relations()).toContain('main.edition_v1')
  expect(await done('materialize', 'edition', '--only', '--prune')).toContain('dropped')
  const left = await relations()
  expect(left).not.toContain('main.edition_v1')
  expect(left).toContain('main.edition_v2')
})

test('an alias moves a table and replaces the view over it; a hand-made view keeps the old table', async () => {
  project.write('dbt/models/days.sql', "{{ config(alias='dates') }} select 1 as day")
  expect(await stale()).toEqual(['days', 'shown'])
  await done('materialize')
  await inWarehouse(
    project.path('w.duckdb'),
    'create view main.by_hand as select day from main.days',
  )
  expect(await done('materialize', '--prune')).toContain('view main.by_hand may read it')
  await inWarehouse(project.path('w.duckdb'), 'drop view main.by_hand')
  await done('materialize', '--prune')
  expect(await relations()).not.toContain('main.days')
})

test('macros and the profile move everything; a snapshot is a problem, and the rest is built', async () => {
  env.MOVES_SCHEMA = 'analytics'
  expect(await stale()).toEqual(['days', 'edition', 'history', 'shown'])
  const { code, stderr } = await run('materialize')
  expect(code).toBe(1)
  expect(stderr).toContain(
    'history belongs at analytics_kept.history now, and the history that it holds is at main_kept.history',
  )
  await inWarehouse(
    project.path('w.duckdb'),
    'create schema analytics_kept; create table analytics_kept.history as select * from main_kept.history',
  )
  await done('materialize')
  project.write(
    'dbt/macros/names.sql',
    `{% macro generate_schema_name(custom, node) -%} {{ custom or 'marts' }} {%- endmacro %}
{% macro generate_alias_name(custom, node) -%} {{ 'the_' ~ node.name ~ (node.version or '') }} {%- endmacro %}`,
  )
  expect(await stale()).toEqual(['days', 'edition', 'history', 'shown'])
})
