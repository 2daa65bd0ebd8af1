import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { makeFifo } from '../rig/fifo.ts'
import { sharedPython } from '../rig/python.ts'

// `verify` with real dbt and DuckDB: what it finds, what it leaves out, and that it writes only to
// its scratch schema, even when it is killed.

const PROJECT = {
  'assets.yaml': `version: 1
project: audit
default_target: local
dbt: {project_dir: dbt, models: declared}
targets:
  local: {warehouse: {type: duckdb, path: .assets/warehouse.duckdb}}
assets:
  orders: {kind: dbt}
  stg_orders: {kind: dbt, deps: [orders]}
  inlined: {kind: dbt, deps: [stg_orders]}
  by_customer: {kind: dbt, deps: [inlined]}
  sums: {kind: dbt, deps: [by_customer]}
  journal: {kind: dbt, deps: [stg_orders]}
  history: {kind: dbt, deps: [stg_orders]}
  hooked: {kind: dbt, deps: [stg_orders]}
  extract_sums: {kind: extract, deps: [sums], to: out/sums.csv}
  counted: {kind: command, deps: [extract_sums], run: 'wc -l < out/sums.csv > out/lines.txt', outputs: [out/lines.txt]}
`,
  'dbt/dbt_project.yml': `name: audit
version: 1.0.0
config-version: 2
profile: audit
models: {audit: {+materialized: table}}
on-run-end: ["create or replace table main.last_run as select '{{ invocation_id }}' as id"]
`,
  'dbt/profiles.yml': `audit:
  target: local
  outputs:
    local:
      type: duckdb
      path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere.duckdb') }}"
      threads: 2
`,
  'dbt/seeds/orders.csv': 'id,customer,amount\n1,a,10\n2,a,5\n3,b,7\n',
  'dbt/models/stg_orders.sql': `{{ config(materialized='view') }}
select id, customer, amount::decimal(8, 2) as amount from {{ ref('orders') }}
`,
  'dbt/models/inlined.sql': `{{ config(materialized='ephemeral') }}
select * from {{ ref('stg_orders') }} where amount > 0
`,
  'dbt/models/by_customer.sql': `select customer, sum(amount) as total, count(*) as n from {{ ref('inlined') }} group by 1
`,
  'dbt/models/sums.sql': `select sum(total) as total, '{{ this.schema }}.{{ this.identifier }}' as relation from {{ ref('by_customer') }}
`,
  'dbt/models/journal.sql': `{{ config(materialized='incremental', unique_key='id') }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
`,
  'dbt/models/hooked.sql': `{{ config(post_hook="update {{ this }} set id = id + 1") }}
select id from {{ ref('stg_orders') }}
`,
  'dbt/snapshots/history.yml': `snapshots:
  - name: history
    relation: ref('stg_orders')
    config: {strategy: check, unique_key: id, check_cols: all}
`,
}

interface VerifyJson {
  readonly counts: Readonly<Record<string, number>>
  readonly candidates: number
  readonly sampled: number
  readonly seed: number
  readonly assets: readonly {
    readonly asset: string
    readonly finding: string
    readonly columns: readonly { readonly column: string; readonly differs: string }[] | null
    readonly rows: { readonly stored: number; readonly rebuilt: number } | null
  }[]
  readonly left_out: readonly { readonly asset: string; readonly because: string }[]
}

let template: CliProject
let env: Record<string, string>

beforeAll(async () => {
  env = { ASSETS_PYTHON_ENV: await sharedPython() }
  template = new CliProject(env)
  for (const [file, text] of Object.entries(PROJECT)) template.write(file, text)
  const built = await template.run('materialize')
  if (built.code !== 0) throw new Error(built.stderr)
})
afterAll(() => template.remove())

async function inCopy(use: (project: CliProject) => Promise<void>): Promise<void> {
  const project = CliProject.copyOf(template, env)
  try {
    await use(project)
  } finally {
    project.remove()
  }
}

const WAREHOUSE = '.assets/warehouse.duckdb'
const hashOf = (project: CliProject, file = WAREHOUSE) =>
  createHash('sha256')
    .update(readFileSync(project.path(file)))
    .digest('hex')

/** Scratch databases and temporary files that verify did not remove. */
function leftovers(project: CliProject): readonly string[] {
  return ['.assets/tmp', '.assets/scratch'].flatMap((folder) =>
    existsSync(project.path(folder))
      ? readdirSync(project.path(folder), { recursive: true })
          .map(String)
          .filter((name) => name.includes('verify') || folder.endsWith('scratch'))
      : [],
  )
}

const findings = ({ assets }: VerifyJson) =>
  Object.fromEntries(assets.map(({ asset, finding }) => [asset, finding]))

test('reports a sound project as sound, lists what it left out, and changes nothing', () =>
  inCopy(async (project) => {
    await project.run('status')
    const before = [hashOf(project), hashOf(project, 'out/sums.csv')]
    const { code, stdout: json } = await project.run('verify', '--json')
    const report = JSON.parse(json) as VerifyJson
    expect(code).toBe(0)
    expect(findings(report)).toEqual({
      orders: 'sound',
      stg_orders: 'sound',
      by_customer: 'sound',
      sums: 'sound',
      journal: 'sound',
      extract_sums: 'sound',
    })
    expect(
      Object.fromEntries(report.left_out.map(({ asset, because }) => [asset, because])),
    ).toEqual({
      inlined: 'ephemeral: part of its readers',
      history: 'a snapshot: its history exists nowhere else',
      hooked: 'its hooks may change other relations',
      counted: 'a command: it may write anywhere',
    })
    expect([hashOf(project), hashOf(project, 'out/sums.csv')]).toEqual(before)
    expect(leftovers(project)).toEqual([])
    const { stdout } = await project.run('status')
    expect(stdout).toContain('10 fresh')
  }))

test('names the columns of false-fresh and non-deterministic assets', () =>
  inCopy(async (project) => {
    const { 'assets.yaml': yaml, 'dbt/models/sums.sql': sums } = PROJECT
    const edited = PROJECT['dbt/models/by_customer.sql'].replace('sum(amount)', '2 * sum(amount)')
    project
      .write('assets.yaml', yaml.replace('deps: [inlined]}', 'deps: [inlined], code_version: "1"}'))
      .write('dbt/models/sums.sql', sums.replace('select ', 'select random() as luck, '))
    expect((await project.run('materialize')).code).toBe(0)
    // code_version hides this edit: the record stays fresh although the code now gives other rows.
    project.write('dbt/models/by_customer.sql', edited)
    const { code, stdout } = await project.run('verify')
    expect(code).toBe(1)
    expect(stdout).toMatch(/false-fresh: .*\n {2}by_customer {6}column total\n/)
    expect(stdout).toMatch(/not deterministic: .*\n {2}sums {13}column luck\n/)
    expect(stdout).toContain('next: assets materialize --force by_customer')
  }))

test('reports an incremental model that differs from a full build', () =>
  inCopy(async (project) => {
    // A source row changes that the incremental model does not read again.
    project.write('dbt/seeds/orders.csv', 'id,customer,amount\n1,c,10\n2,a,5\n3,b,7\n4,b,1\n')
    expect((await project.run('materialize', 'journal')).code).toBe(0)
    const report = await project.json<VerifyJson>('verify', 'journal', 'by_customer')
    expect(report.assets).toEqual([
      {
        asset: 'journal',
        finding: 'differs_from_full_build',
        columns: [{ column: 'customer', differs: 'values' }],
        rows: { stored: 4, rebuilt: 4 },
      },
    ])
    // by_customer reads the changed seed and was not built since, so it is not fresh.
    expect(report.left_out).toEqual([{ asset: 'by_customer', because: 'not fresh: data' }])
  }))

test('verifies a sample with --sample', () =>
  inCopy(async (project) => {
    const report = await project.json<VerifyJson>('verify', '--sample', '30%', '--seed', '7')
    expect([report.candidates, report.sampled, report.seed]).toEqual([7, 3, 7])
    expect(report.counts.sound! + report.counts.left_out!).toBe(3 + 3)
    expect(report.counts.not_sampled).toBe(4)
  }))

test('reports an asset that could not be rebuilt and exits with 1', () =>
  inCopy(async (project) => {
    const broken = `select 1 / (case when '{{ this.database }}' like '%verify%' then error('no') else 1 end) as x from {{ ref('by_customer') }} limit 1\n`
    project.write('dbt/models/sums.sql', broken)
    expect((await project.run('materialize', 'sums')).code).toBe(0)
    const { code, stdout } = await project.run('verify', 'sums')
    expect(code).toBe(1)
    expect(stdout).toContain('could not be rebuilt\n  sums')
  }))

test('killed, it leaves scratch files that the next command removes', () =>
  inCopy(async (project) => {
    const endless = `select count(*) as n from range({{ 1000000000000 if 'verify' in this.database else 3 }})\n`
    project.write('dbt/models/sums.sql', `${endless}-- depends on {{ ref('by_customer') }}\n`)
    expect((await project.run('materialize')).code).toBe(0)
    const scratch = appears(project.path('.assets'), () =>
      leftovers(project).some((name) => name.endsWith('.duckdb')),
    )
    const running = project.start(['verify', 'sums'])
    await Promise.race([scratch, running.ended])
    running.child.kill('SIGKILL')
    expect((await running.ended).signal).toBe('SIGKILL')
    expect(leftovers(project)).not.toEqual([])

    const again = await project.run('materialize')
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to do')])
    expect(leftovers(project)).toEqual([])
  }))

test('does not wait for a run with --no-wait', () =>
  inCopy(async (project) => {
    project.write(
      'assets.yaml',
      PROJECT['assets.yaml'].replace(
        /run: .*, outputs/,
        `run: 'touch going; cat fifo > out/lines.txt', outputs`,
      ),
    )
    await makeFifo(project.path('fifo'))
    const going = appears(project.root, () => existsSync(project.path('going')))
    const running = project.start(['materialize'])
    await Promise.race([going, running.ended])
    const { code, stderr } = await project.run('verify', '--no-wait')
    await writeFile(project.path('fifo'), '3\n')
    expect((await running.ended).code).toBe(0)
    expect(code).toBe(3)
    expect(stderr).toContain('target local is held by run')
  }))

/** Resolves when a file in the folder changed and `isThere` returns true. */
function appears(folder: string, isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, { recursive: true }, () => {
      if (!isThere()) return
      watcher.close()
      resolve()
    })
  })
}
