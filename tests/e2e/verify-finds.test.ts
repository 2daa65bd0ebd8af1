import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NOT_AS_DBT } from '../../framework/warehouses/duckdb/as-dbt.ts'
import { databaseFile } from '../../framework/warehouses/duckdb/database-file.ts'
import { claimFresh } from '../rig/claim-fresh.ts'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

// What a program without one of the rules would call fresh is found by `verify`. One project uses all
// features. It is built, everything that the rules look at is changed, and its records are then made to
// claim that nothing is stale.

interface Case {
  /** The rule without which the asset would be called fresh. */
  readonly rule: string
  readonly asset: string
  /** Its declaration and those of its inputs. */
  readonly assets: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly change: {
    readonly files?: Readonly<Record<string, string>>
    readonly sql?: readonly string[]
    readonly dotenv?: string
  }
  readonly finding: 'false_fresh' | 'failed'
}

const model = (name: string, sql: string) => ({ [`dbt/models/${name}.sql`]: `${sql}\n` })
const seed = (name: string, ...rows: string[]) => ({
  [`dbt/seeds/${name}.csv`]: ['id', ...rows, ''].join('\n'),
})
const external = (sql: string) => `{{ config(materialized='external') }} ${sql}`

const override = (factor: number) => ({
  'dbt/macros/functions.sql': `{% macro duckdb__scalar_function_sql(target_relation) %}
create or replace macro {{ target_relation.render() }}
  ({% for each in model.arguments %}{{ each.name }}{% endfor %}) as (({{ model.compiled_code }}) * ${factor})
{% endmacro %}
`,
})

const CASES: readonly Case[] = [
  {
    rule: '4c',
    asset: 'pivoted',
    assets: ['kinds: {kind: dbt}', 'pivoted: {kind: dbt, deps: [kinds]}'],
    files: {
      ...seed('kinds', '1', '2'),
      ...model(
        'pivoted',
        `{{ config(materialized='view') }}
select {% for row in run_query('select id from ' ~ ref('kinds') ~ ' order by 1') %}count(*) filter (id = {{ row[0] }}) as k{{ row[0] }},{% endfor %} from {{ ref('kinds') }}`,
      ),
    },
    change: { files: seed('kinds', '1', '2', '3') },
    finding: 'false_fresh',
  },
  {
    rule: '27a',
    asset: 'moved',
    assets: ['moved: {kind: dbt}'],
    files: model('moved', 'select 1 as id'),
    change: { files: model('moved', "{{ config(alias='elsewhere') }} select 1 as id") },
    finding: 'failed',
  },
  {
    rule: '28c',
    asset: 'log',
    assets: ['log: {kind: dbt}'],
    files: model('log', 'select 1 as id'),
    change: { sql: ['insert into log values (2)'] },
    finding: 'false_fresh',
  },
  {
    rule: '28b',
    asset: 'reads_log',
    assets: ['reads_log: {kind: dbt, deps: [log]}'],
    files: model('reads_log', "select count(*) as n from {{ ref('log') }}"),
    change: {},
    finding: 'false_fresh',
  },
  {
    rule: '29a',
    asset: 'ordered',
    assets: ['unknown_to_dbt: {kind: dbt}', 'ordered: {kind: dbt, deps: [unknown_to_dbt]}'],
    files: {
      ...seed('unknown_to_dbt', '1'),
      ...model('ordered', 'select sum(id) as n from main.unknown_to_dbt'),
    },
    change: { files: seed('unknown_to_dbt', '2') },
    finding: 'false_fresh',
  },
  {
    rule: '30a',
    asset: 'written',
    assets: ['written: {kind: dbt}'],
    files: model('written', external('select 1 as id')),
    change: { sql: [`copy (select 9 as id) to '<root>/dbt/out/written.parquet'`] },
    finding: 'false_fresh',
  },
  {
    rule: '30a',
    asset: 'reads_written',
    assets: ['reads_written: {kind: dbt, deps: [written]}'],
    files: model('reads_written', "select sum(id) as n from {{ ref('written') }}"),
    change: {},
    finding: 'false_fresh',
  },
  {
    rule: '30a',
    asset: 'parted',
    assets: ['parted: {kind: dbt}'],
    files: model(
      'parted',
      "{{ config(materialized='external', options={'partition_by': 'k', 'overwrite_or_ignore': true}) }} select i as id, i % 2 as k from range(4) t(i)",
    ),
    change: {
      sql: [`copy (select 9 as id) to '<root>/dbt/out/parted/k=1/more.parquet'`],
    },
    finding: 'false_fresh',
  },
  {
    rule: '30d',
    asset: 'priced',
    assets: [
      'prices: {kind: external, path: dbt/data/prices.csv}',
      'priced: {kind: dbt, deps: [prices]}',
    ],
    files: {
      'dbt/data/prices.csv': 'price\n1\n',
      'dbt/models/sources.yml': `sources:
  - {name: files, tables: [{name: prices, config: {external_location: data/prices.csv}}]}
`,
      ...model('priced', "select sum(price) as n from {{ source('files', 'prices') }}"),
    },
    change: { files: { 'dbt/data/prices.csv': 'price\n2\n' } },
    finding: 'false_fresh',
  },
  {
    rule: '30e',
    asset: 'scanned',
    assets: [
      'days: {kind: external, path: dbt/data/days.csv}',
      'scanned: {kind: dbt, deps: [days]}',
    ],
    files: {
      'dbt/data/days.csv': 'day\n1\n',
      ...model('scanned', "select sum(day) as n from read_csv('data/days.csv')"),
    },
    change: { files: { 'dbt/data/days.csv': 'day\n2\n' } },
    finding: 'false_fresh',
  },
  {
    rule: '31a',
    asset: 'calls_replaced',
    assets: ['replaced: {kind: dbt}', 'calls_replaced: {kind: dbt, deps: [replaced]}'],
    files: {
      ...override(1),
      'dbt/functions/functions.yml': `functions:
  - {name: replaced, arguments: [{name: x, data_type: integer}], returns: {data_type: integer}}
  - {name: edited, arguments: [{name: x, data_type: integer}], returns: {data_type: integer}}
`,
      'dbt/functions/replaced.sql': 'x * 2',
      ...model('calls_replaced', "select {{ function('replaced') }}(10) as n"),
    },
    change: { sql: ['create or replace macro main.replaced(x) as x * 7'] },
    finding: 'false_fresh',
  },
  {
    rule: '31b',
    asset: 'calls_edited',
    assets: ['edited: {kind: dbt}', 'calls_edited: {kind: dbt, deps: [edited]}'],
    files: {
      'dbt/functions/edited.sql': 'x * 2',
      ...model('calls_edited', "select {{ function('edited') }}(10) as n"),
    },
    change: { files: { 'dbt/functions/edited.sql': 'x * 3' } },
    finding: 'false_fresh',
  },
  {
    rule: '32a',
    asset: 'by_meta',
    assets: ['by_meta: {kind: dbt}'],
    files: {
      ...model('by_meta', "select {{ config.get('meta').cutoff }} as n"),
      'dbt/models/meta.yml': 'models: [{name: by_meta, config: {meta: {cutoff: 10}}}]\n',
    },
    change: {
      files: { 'dbt/models/meta.yml': 'models: [{name: by_meta, config: {meta: {cutoff: 20}}}]\n' },
    },
    finding: 'false_fresh',
  },
  {
    rule: '32a',
    asset: 'by_env',
    assets: ['by_env: {kind: dbt}'],
    files: model(
      'by_env',
      "{% if execute %}{% set n = env_var('CUTOFF', '10') %}{% endif %}select {{ n }} as n",
    ),
    change: { dotenv: 'CUTOFF=20\n' },
    finding: 'false_fresh',
  },
  {
    rule: '32b',
    asset: 'by_list',
    assets: ['by_list: {kind: dbt}'],
    files: {
      ...model('by_list', '{% set calls = [one] %}select {{ calls[0]() }} as n'),
      'dbt/macros/one.sql': '{% macro one() %}1{% endmacro %}\n',
    },
    change: { files: { 'dbt/macros/one.sql': '{% macro one() %}2{% endmacro %}\n' } },
    finding: 'false_fresh',
  },
  {
    rule: '33',
    asset: 'spaced',
    assets: ['spaced: {kind: dbt}'],
    files: model(
      'spaced',
      "select sum(i) as n from range(30) t(i) {% if var('sample', false) %}--{% endif %} where i < 10",
    ),
    change: {
      files: model(
        'spaced',
        "select sum(i) as n from range(30) t(i) {% if var('sample', false) %}--{% endif %} where i < 20",
      ),
    },
    finding: 'false_fresh',
  },
]

/** Inputs that are built after the change, so that only their readers are behind. */
const BUILT_AGAIN = 'kinds unknown_to_dbt edited'

let project: DbtProject
let findings: Readonly<Record<string, string>>
let leftOut: Readonly<Record<string, string>>
let notes: readonly string[]
let claimed: readonly string[]
let before: string
let filesBefore: readonly string[]
let filesAfter: readonly string[]
/** Files that models write. */
const FILES = ['out/written.parquet', 'exported']
beforeAll(async () => {
  const exports = `{% if execute %}{% do run_query("copy (select '" ~ this.database ~ "') to 'exported' (format csv)") %}{% endif %}select 1 as id`
  const files = Object.assign(
    { 'dbt/macros/start.sql': '{% macro on_start() %}select 1{% endmacro %}\n' },
    model('exports', exports),
    ...CASES.map((one) => one.files ?? {}),
  )
  project = new DbtProject(
    await sharedPython(),
    ['exports: {kind: dbt}', ...CASES.flatMap(({ assets }) => assets)],
    { ...files, 'dbt/dbt_project.yml': PROJECT },
  )
  before = await project.show('materialize')
  for (const { change } of CASES) {
    for (const [file, text] of Object.entries(change.files ?? {})) project.write(file, text)
    if (change.dotenv !== undefined) project.write('.env', change.dotenv)
  }
  before += await project.show(`materialize ${BUILT_AGAIN} --only`)
  const statements = CASES.flatMap(({ change }) => change.sql ?? [])
  // Lent, so that this process, which is all commands, takes these writes for those of a hook.
  await databaseFile(project.path('.assets/shop.duckdb')).lend(NOT_AS_DBT, () =>
    project.sql(...statements.map((sql) => sql.replace('<root>', project.root))),
  )
  claimed = await claimFresh(project)
  const written = () => FILES.map((file) => readFileSync(project.path(`dbt/${file}`), 'latin1'))
  filesBefore = written()
  const json = (await project.json('verify --json', 1)) as {
    readonly assets: readonly { readonly asset: string; readonly finding: string }[]
    readonly left_out: readonly { readonly asset: string; readonly because: string }[]
    readonly notes: readonly string[]
  }
  findings = Object.fromEntries(json.assets.map(({ asset, finding }) => [asset, finding]))
  leftOut = Object.fromEntries(json.left_out.map(({ asset, because }) => [asset, because]))
  notes = json.notes
  filesAfter = written()
})
afterAll(() => project.remove())

const PROJECT = `name: shop
version: 1.0.0
config-version: 2
profile: shop
models: {+materialized: table}
on-run-start: "{{ on_start() }}"
`

test.each(CASES)('without rule $rule, $asset is found', ({ asset, finding }) => {
  expect(before).not.toContain('failed')
  expect(claimed).toContain(asset)
  expect(leftOut[asset]).toBeUndefined()
  expect(findings[asset]).toBe(finding)
})

test('the rest is sound or left out with the reason, and on-run-start is said not to have run', () => {
  const names = CASES.map(({ asset }) => asset)
  const rest = Object.entries(findings).filter(([asset]) => !names.includes(asset))
  expect(Object.fromEntries(rest)).toEqual({ kinds: 'sound', unknown_to_dbt: 'sound' })
  expect(leftOut).toEqual({
    prices: 'built by another system',
    days: 'built by another system',
    edited: 'a function: it holds no rows',
    replaced: 'a function: it holds no rows',
    exports: 'its code writes to other relations',
  })
  expect(notes).toEqual([
    'on-run-start statements were not run: what they make is used as it is in the warehouse',
  ])
})

test('the files of models are written elsewhere, and no others are', () => {
  expect(filesAfter).toEqual(filesBefore)
})
