import { afterEach, expect, test } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { namesByOutcome } from '../rig/events.ts'
import { sharedPython } from '../rig/python.ts'

let project: CliProject
afterEach(() => project.remove())

const PROJECT = (more: string) => `name: shop
version: 1.0.0
config-version: 2
profile: shop
models: {+materialized: table}
${more}
`

/** A dbt project of which dbt runs hooks that write into `log`. */
async function withLog(assets: string, models: Readonly<Record<string, string>>, hooks = '') {
  project = new CliProject({ ASSETS_PYTHON_ENV: await sharedPython() })
    .write(
      'assets.yaml',
      `version: 1
project: shop
dbt: {project_dir: dbt, models: declared}
default_target: local
targets:
  local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}
assets:
${assets}`,
    )
    .write('dbt/dbt_project.yml', PROJECT(hooks))
    .write(
      'dbt/profiles.yml',
      `shop: {target: local, outputs: {local: {type: duckdb, path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere.duckdb') }}", threads: 2}}}\n`,
    )
    .write(
      'dbt/models/log.sql',
      "{{ config(materialized='incremental') }} select cast(null as varchar) as node where false\n",
    )
  for (const [name, sql] of Object.entries(models)) project.write(`dbt/models/${name}.sql`, sql)
}

async function materialize() {
  const ran = await project.run('materialize', '--json')
  expect([ran.code, ran.code === 0 ? '' : ran.stdout + ran.stderr]).toEqual([0, ''])
  return { outcomes: namesByOutcome(ran), stderr: ran.stderr, stdout: ran.stdout }
}

async function verdicts(...options: string[]) {
  const { stdout } = await project.run('status', '--json', ...options)
  const { assets } = JSON.parse(stdout) as { assets: { name: string; verdict: string }[] }
  return Object.fromEntries(assets.map(({ name, verdict }) => [name, verdict]))
}

test('a log that on-run-end appends to is adopted, and its readers are built again', async () => {
  await withLog(
    `  log: {kind: dbt, on_drift: adopt}
  a: {kind: dbt}
  r: {kind: dbt, deps: [log]}
`,
    { a: 'select 1 as id', r: "select count(*) as n from {{ ref('log') }}" },
    `on-run-end: "{% if execute and 'model.shop.a' in results | map(attribute='node.unique_id') %}insert into {{ target.schema }}.log values ('a'){% endif %}"`,
  )
  const { outcomes, stdout } = await materialize()
  expect(outcomes).toEqual({ built: ['a', 'log', 'r'] })
  expect(stdout).toContain('log was written by on-run-end of dbt project shop during this run')
  expect(await verdicts('--offline')).toEqual({ log: 'stale', a: 'fresh', r: 'pending' })
  expect(await verdicts()).toEqual({ log: 'stale', a: 'fresh', r: 'pending' })
  expect((await materialize()).outcomes).toEqual({ adopted: ['log'], built: ['r'] })
  // The second call of dbt did not build `a`, so its hook wrote nothing.
  expect((await materialize()).outcomes).toEqual({})
  expect(await verdicts()).toEqual({ log: 'fresh', a: 'fresh', r: 'fresh' })
})

test('a model whose hook appends to its input is not built for ever', async () => {
  await withLog(
    `  log: {kind: dbt, on_drift: adopt}
  a: {kind: dbt, deps: [log]}
  b: {kind: dbt, deps: [log]}
`,
    {
      a: `{{ config(post_hook="insert into {{ ref('log') }} values ('a')") }} select 1 as id`,
      b: 'select count(*) as n from main.log',
    },
  )
  expect((await materialize()).outcomes).toEqual({ built: ['a', 'b', 'log'] })
  const { outcomes } = await materialize()
  expect(outcomes).toMatchObject({ adopted: ['log'], released: ['a'] })
  expect((await materialize()).outcomes).toEqual({})
})

test('verify sends no statement that writes elsewhere', async () => {
  await withLog(
    `  log: {kind: dbt}
  a: {kind: dbt, deps: [log]}
`,
    {
      a: `{% if execute and var('log', true) %}{% do run_query('delete from ' ~ target.schema ~ '.log where false') %}{% endif %}
select 1 as id -- {{ ref('log') }}
`,
    },
  )
  await materialize()
  const { code, stdout } = await project.run('verify')
  expect(stdout).toContain('its code writes to other relations (1)')
  expect(code).toBe(0)
})
