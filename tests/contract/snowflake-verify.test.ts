import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { pythonWith } from '../rig/python.ts'
import { runAt } from '../rig/snowflake/account.ts'
import { FaultProxy } from '../rig/snowflake/fault-proxy.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'

// verify with dbt-snowflake: what it finds, and that it changes only its scratch schemas.

const account = await startLookalike()
afterAll(() => account?.close())

const YAML = `version: 1
project: audit
default_target: prod
dbt: {project_dir: dbt, models: declared}
targets:
  prod:
    warehouse:
      type: snowflake
      account: lookalike
      user: robot
      password: "\${SNOWFLAKE_PASSWORD}"
      database: "\${SNOWFLAKE_DATABASE}"
      access_url: "\${SNOWFLAKE_URL}"
assets:
  raw_orders: {kind: external, relation: raw.orders}
  stg_orders: {kind: dbt, deps: [raw_orders]}
  by_customer: {kind: dbt, deps: [stg_orders], on_drift: adopt}
  journal: {kind: dbt, deps: [stg_orders]}
  sums: {kind: dbt, deps: [by_customer]}
  named: {kind: dbt, deps: [stg_orders]}
`
const PROJECT = {
  'assets.yaml': YAML,
  'dbt/dbt_project.yml': `name: audit
version: 1.0.0
config-version: 2
profile: audit
models: {audit: {+materialized: table}}
on-run-end: ["create or replace table {{ target.schema }}.last_run as select '{{ invocation_id }}' as id"]
`,
  'dbt/profiles.yml': `audit:
  target: prod
  outputs:
    prod:
      type: snowflake
      account: "{{ env_var('SNOWFLAKE_ACCOUNT', 'unset') }}"
      user: "{{ env_var('SNOWFLAKE_USER', 'unset') }}"
      password: "{{ env_var('DBT_ENV_SECRET_SNOWFLAKE_PASSWORD', 'unset') }}"
      database: "{{ env_var('SNOWFLAKE_DATABASE', 'unset') }}"
      schema: "{{ env_var('SNOWFLAKE_SCHEMA', 'ANALYTICS') }}"
      host: "{{ env_var('SNOWFLAKE_HOST', 'unset') }}"
      port: "{{ env_var('SNOWFLAKE_PORT', '0') | as_number }}"
      protocol: "{{ env_var('SNOWFLAKE_PROTOCOL', 'http') }}"
      threads: 2
`,
  'dbt/models/sources.yml': 'sources: [{name: raw, tables: [{name: orders}]}]\n',
  'dbt/models/stg_orders.sql': `{{ config(materialized='view') }}
select id, customer, amount from {{ source('raw', 'orders') }}
`,
  'dbt/models/by_customer.sql':
    'select customer, sum(amount) as total from {{ ref("stg_orders") }} group by 1\n',
  'dbt/models/journal.sql': `{{ config(materialized='incremental', unique_key='id') }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
`,
  'dbt/models/sums.sql': 'select sum(total) as total from {{ ref("by_customer") }}\n',
  'dbt/models/named.sql':
    "select id, '{{ this.schema }}' as made_in from {{ ref('stg_orders') }}\n",
}

interface VerifyJson {
  readonly assets: readonly {
    readonly asset: string
    readonly finding: string
    readonly columns: readonly { readonly column: string }[] | null
  }[]
  readonly left_out: readonly { readonly asset: string; readonly because: string }[]
}

describe.skipIf(account === null)('verify on the look-alike', () => {
  let database: string
  let desk: InProcessProject
  let env: Record<string, string>
  beforeEach(async () => {
    database = newDatabase()
    await at(
      'create schema raw',
      "create table raw.orders as select * from (values (1, 'a', 10), (2, 'a', 5), (3, 'b', 7)) as v(id, customer, amount)",
    )
    const python = await pythonWith('dbt/requirements-snowflake.txt')
    if (!python.ok) throw new Error(python.problems[0]?.message)
    env = {
      ASSETS_PYTHON_ENV: python.value,
      SNOWFLAKE_PASSWORD: 'hunter22',
      SNOWFLAKE_DATABASE: database,
      SNOWFLAKE_URL: account!.url,
    }
    desk = new InProcessProject(PROJECT, env)
  })
  afterEach(() => desk.remove())

  const at = (...statements: string[]) => runAt(account!.url, database, ...statements)
  const schemas = async () => (await at('show schemas')).map((row) => String(row[1])).sort()

  /** Every object of the database, and when it last changed. */
  async function objects(): Promise<readonly (readonly unknown[])[]> {
    const tables = await at(`select table_schema, table_name, table_type, last_altered
      from information_schema.tables where table_schema <> 'INFORMATION_SCHEMA' order by table_schema, table_name`)
    const names = tables.map(([schema, name]) => `${schema}.${name}`)
    const calls = names.map((name) => `system$last_change_commit_time('${name}')`)
    return [...tables, ...(await at(`select ${calls.join(', ')}`)), await schemas()]
  }

  async function audit() {
    const said = await desk.show('verify --json')
    const json = said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1)
    const { assets, left_out } = JSON.parse(json) as VerifyJson
    const findings = Object.fromEntries(
      assets.map(({ asset, finding, columns }) => [
        asset,
        [finding, ...(columns ?? []).map(({ column }) => column)].join(' '),
      ]),
    )
    return {
      findings,
      leftOut: Object.fromEntries(left_out.map((one) => [one.asset, one.because])),
      said,
    }
  }

  it('finds nothing wrong with a correct project, and changes nothing', async () => {
    expect(await desk.show('materialize')).not.toMatch(/failed|exit/)
    const before = await objects()
    expect(before.map(([schema, name]) => `${schema}.${name}`)).toContain('ANALYTICS.LAST_RUN')
    const { findings, leftOut, said } = await audit()
    expect(said).not.toContain('exit')
    expect(findings).toEqual({
      stg_orders: 'sound',
      by_customer: 'sound',
      journal: 'sound',
      sums: 'sound',
    })
    expect(leftOut).toEqual({
      raw_orders: 'built by another system',
      named: 'its SQL names the schema or database that it is built in',
    })
    expect(await objects()).toEqual(before)

    // Written to, but with the same content: its rows are hashed once.
    await at('update analytics.sums set total = total')
    for (const looks of [1, 0]) {
      const before = (await account!.received(database)).length
      expect(await desk.show('status')).toContain('6 fresh')
      const asked = (await account!.received(database)).slice(before)
      expect(asked.filter(({ sql }) => sql.includes('hash_agg'))).toHaveLength(looks)
    }
  }, 300_000)

  it('names the columns that are false-fresh or not deterministic', async () => {
    desk.write(
      'dbt/models/sums.sql',
      'select sum(total) as total, uuid_string() as luck from {{ ref("by_customer") }}\n',
    )
    // A pinned code version hides the edit below.
    desk.write(
      'assets.yaml',
      `${YAML}  pinned: {kind: dbt, deps: [stg_orders], code_version: "1"}\n`,
    )
    const pinned = 'select sum(amount) as total from {{ ref("stg_orders") }}\n'
    desk.write('dbt/models/pinned.sql', pinned)
    await desk.show('materialize')
    desk.write('dbt/models/pinned.sql', pinned.replace('sum', '2 * sum'))
    await at("update analytics.by_customer set total = 99 where customer = 'b'")
    expect(await desk.show('materialize')).toContain('adopted')
    const { findings, leftOut, said } = await audit()
    expect(leftOut.by_customer).toBe('adopted: its inputs did not make what it holds')
    expect(findings).toEqual({
      stg_orders: 'sound',
      pinned: 'false_fresh total',
      journal: 'sound',
      sums: 'not_deterministic luck',
    })
    expect(said).toContain('exit 1')
  }, 300_000)

  it('leaves nothing behind when it is killed: the next run drops its schemas', async () => {
    const proxy = await FaultProxy.before(account!.port)
    const place = new CliProject({ ...env, SNOWFLAKE_URL: proxy.url })
    for (const [file, text] of Object.entries(PROJECT)) place.write(file, text)
    try {
      expect((await place.run('materialize', 'sums')).code).toBe(0)
      const before = await schemas()
      const building = /table\s+\S*ASSETS_SCRATCH/i
      proxy.plan(building, { kind: 'hold' })
      const held = proxy.arrival(building)
      const running = place.start(['verify', 'by_customer'])
      await Promise.race([held, running.ended])
      running.child.kill('SIGKILL')
      expect((await running.ended).signal).toBe('SIGKILL')
      proxy.release()
      expect(await schemas()).toHaveLength(before.length + 2)

      place.write(
        'dbt/models/sums.sql',
        'select max(total) as total from {{ ref("by_customer") }}\n',
      )
      expect((await place.run('materialize', 'sums')).code).toBe(0)
      expect(await schemas()).toEqual(before)
    } finally {
      await proxy.close()
      place.remove()
    }
  }, 300_000)
})
