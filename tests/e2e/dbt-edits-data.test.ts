import { assetsFile, type Files, modelFiles, projectFile, testEdits } from '../rig/dbt/edits.ts'

const SEED = 'dbt/seeds/s.csv'
const YML = 'dbt/models/s.yml'
const PROJECT = 'dbt/dbt_project.yml'
const MACROS = 'dbt/macros/m.sql'
const VIEW = "{{ config(materialized='view') }}\n"
const VALUES = `{% set vs = run_query('select distinct v from ' ~ ref('s') ~ ' order by 1').columns[0].values() if execute else [] %}`
const PIVOTED = `select 1 as one{% for v in vs %}, max(case when v = '{{ v }}' then n end) as "{{ v }}"{% endfor %} from {{ ref('s') }}`
const PIVOT = `${VIEW}${VALUES}\n${PIVOTED}`

/** A seed `s` and models over it. Another row arrives in the seed. */
function overSeed(
  name: string,
  models: Readonly<Record<string, readonly [readonly string[], string]>>,
  more: Files = {},
  seed = 'v,n\na,1\nb,2\n',
) {
  const deps = Object.fromEntries(Object.entries(models).map(([model, [names]]) => [model, names]))
  return {
    name,
    files: {
      ...modelFiles(models),
      'a.yaml': assetsFile({ s: [], ...deps }),
      [SEED]: 'v,n\na,1\n',
      ...more,
    },
    change: { [SEED]: seed },
  }
}

testEdits('views made from data', [
  overSeed('by run_query', { p: [['s'], PIVOT] }),
  overSeed('by a statement block', {
    p: [
      ['s'],
      `${VIEW}{% call statement('q', fetch_result=true) %}select distinct v from {{ ref('s') }} order by 1{% endcall %}
{% set vs = load_result('q')['data'] | map('first') | list if execute else [] %}
${PIVOTED}`,
    ],
  }),
  overSeed('by the columns of a relation', {
    s2: [['s'], `${VIEW}${VALUES}\n${PIVOTED}`],
    p: [
      ['s2'],
      `${VIEW}select {% if execute %}{% for c in adapter.get_columns_in_relation(ref('s2')) %}'{{ c.name }}' as c{{ loop.index }},{% endfor %}{% endif %} 1 as one from {{ ref('s2') }}`,
    ],
  }),
  overSeed(
    'by a macro that reaches run_query',
    { p: [['s'], `${VIEW}{% set vs = values_of(ref('s')) %}${PIVOTED}`] },
    {
      [MACROS]: `{% macro values_of(r) %}{{ return(adapter.dispatch('values_of')(r)) }}{% endmacro %}
{% macro default__values_of(r) %}{% if execute %}{{ return(run_query('select distinct v from ' ~ r ~ ' order by 1').columns[0].values()) }}{% endif %}{{ return([]) }}{% endmacro %}`,
    },
  ),
  overSeed('by run_query in an ephemeral below a view', {
    e: [['s'], `{{ config(materialized='ephemeral') }}${VALUES}${PIVOTED}`],
    p: [['e'], `${VIEW}select * from {{ ref('e') }}`],
  }),
  overSeed('by run_query, with a view above', {
    p: [['s'], PIVOT],
    w: [['p'], `${VIEW}select * from {{ ref('p') }}`],
    t: [['w'], "select * from {{ ref('w') }}"],
  }),
  overSeed('by run_query on a view over the data', {
    w: [['s'], `${VIEW}select * from {{ ref('s') }}`],
    p: [['w'], PIVOT.replaceAll("ref('s')", "ref('w')")],
  }),
  overSeed('by run_query on a relation whose name is text', {
    p: [
      ['s'],
      `${VIEW}-- depends_on: {{ ref('s') }}
select {{ run_query('select count(*) from main.s').columns[0].values()[0] if execute else 0 }} as n`,
    ],
  }),
  overSeed('by adapter.execute', {
    p: [
      ['s'],
      `${VIEW}-- depends_on: {{ ref('s') }}
select {{ adapter.execute('select count(*) from ' ~ ref('s'), fetch=true)[1].rows[0][0] if execute else 0 }} as n`,
    ],
  }),
  overSeed(
    'by dbt_utils-like get_relations',
    {
      p: [
        ['s'],
        `${VIEW}-- depends_on: {{ ref('s') }}
select {{ adapter.get_columns_in_relation(load_relation(ref('s'))) | length if execute else 0 }} as n`,
      ],
    },
    {},
    'v,n,m\na,1,1\n',
  ),
])

const HOOK = (text: string) => projectFile(`on-run-start: "${text}"`)
const LOG =
  "{{ config(materialized='incremental') }} select cast(null as varchar) as node where false"
const LOGGED = {
  ...modelFiles({
    log: [[], LOG],
    a: [[], 'select 1 as id'],
    r: [['log'], "select count(*) as n from {{ ref('log') }}"],
  }),
}
/** The writer comes after the table that it writes into. */
const WRITTEN = { ...LOGGED, 'a.yaml': assetsFile({ log: [], a: ['log'], r: ['log'] }) }
const INSERT = "insert into main.log values ('x')"
const WRITING = (id: number) =>
  `{{ config(post_hook="${INSERT}") }}-- depends_on: {{ ref('log') }}\nselect ${id} as id`
const RENDERING = (id: number) =>
  `{% if execute %}{% do run_query("${INSERT}") %}{% endif %}-- depends_on: {{ ref('log') }}\nselect ${id} as id`
const COUNTED = {
  asset: 'r',
  query: 'select (select n from main.r) = (select count(*) from main.log)',
}

testEdits('hooks', [
  {
    name: 'on-run-start makes a function that is edited',
    files: {
      ...modelFiles({ a: [[], 'select twice(21) as n'] }),
      [MACROS]: '{% macro udfs() %}create or replace macro twice(x) as x * 2{% endmacro %}',
      [PROJECT]: HOOK('{{ udfs() }}'),
    },
    change: {
      [MACROS]: '{% macro udfs() %}create or replace macro twice(x) as x * 3{% endmacro %}',
    },
  },
  {
    name: 'on-run-start itself is edited',
    files: {
      ...modelFiles({ a: [[], 'select twice(21) as n'] }),
      [PROJECT]: HOOK('create or replace macro twice(x) as x * 2'),
    },
    change: { [PROJECT]: HOOK('create or replace macro twice(x) as x * 3') },
  },
  {
    name: 'on-run-start makes a function from a variable',
    files: {
      ...modelFiles({ a: [[], 'select most() as n'] }),
      [PROJECT]: `${HOOK("create or replace macro most() as {{ var('most') }}")}vars: {most: 5}\n`,
    },
    change: {
      [PROJECT]: `${HOOK("create or replace macro most() as {{ var('most') }}")}vars: {most: 6}\n`,
    },
  },
  {
    name: 'on-run-start makes a function from the environment',
    files: {
      ...modelFiles({ a: [[], 'select most() as n'] }),
      [PROJECT]: HOOK("create or replace macro most() as {{ env_var('MOST') }}"),
    },
    env: { MOST: '5' },
    envAfter: { MOST: '6' },
  },
  {
    name: 'a function of on-run-start under a view',
    files: {
      ...modelFiles({
        a: [[], `${VIEW}select twice(21) as n`],
        b: [['a'], "select * from {{ ref('a') }}"],
      }),
      [PROJECT]: HOOK('create or replace macro twice(x) as x * 2'),
    },
    change: { [PROJECT]: HOOK('create or replace macro twice(x) as x * 3') },
  },
  {
    name: 'on-run-end of the project writes into an asset',
    files: {
      ...LOGGED,
      [PROJECT]: projectFile(
        `on-run-end: "{% if execute %}insert into {{ target.schema }}.log values ('x'){% endif %}"`,
      ),
    },
    change: { 'dbt/models/a.sql': 'select 2 as id' },
    holds: COUNTED,
  },
  {
    name: 'a hook of a model writes into an asset',
    files: { ...WRITTEN, 'dbt/models/a.sql': WRITING(1) },
    change: { 'dbt/models/a.sql': WRITING(2) },
    holds: COUNTED,
  },
  {
    name: 'a model writes into an asset while dbt renders it',
    files: { ...WRITTEN, 'dbt/models/a.sql': RENDERING(1) },
    change: { 'dbt/models/a.sql': RENDERING(2) },
    holds: COUNTED,
  },
])

const SOURCE = 'sources:\n  - {name: x, schema: main, tables: [{name: s}]}\n'
const EXTERNAL_ASSET = (deps: string) =>
  `assets:\n  raw: {kind: external, relation: main.raw}\n  a: {kind: dbt, deps: [${deps}]}\n`
const MICROBATCH = `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day', begin='2024-01-01', batch_size='year', concurrent_batches=false) }}
select * from {{ source('x', 'raw') }}`
const MICROBATCH_YML = (time: string) => `sources:
  - {name: x, schema: main, tables: [{name: raw, config: {event_time: ${time}}}]}
`

testEdits('order, seeds and sources', [
  {
    name: 'a seed that is read through a source',
    files: {
      'a.yaml': assetsFile({ s: [], o: ['s'] }),
      [SEED]: 'v\n1\n',
      'dbt/models/o.sql': "select sum(v) as n from {{ source('x', 's') }}",
      [YML]: SOURCE,
    },
    change: {
      [SEED]: 'v\n1\n1000\n',
      'dbt/models/o.sql': "select sum(v) + 0 as n from {{ source('x', 's') }}",
    },
    holds: 'refused or rebuilt',
  },
  {
    name: 'a model that is read through a source',
    files: {
      ...modelFiles({
        s: [[], 'select i as v from range(2) t(i)'],
        o: [['s'], "select sum(v) as n from {{ source('x', 's') }}"],
      }),
      [YML]: SOURCE,
    },
    change: {
      'dbt/models/s.sql': 'select i as v from range(2000000) t(i)',
      'dbt/models/o.sql': "select sum(v) + 0 as n from {{ source('x', 's') }}",
    },
    holds: 'refused or rebuilt',
  },
  {
    name: 'a dependency that dbt does not know',
    files: modelFiles({
      s: [[], 'select i as v from range(2) t(i)'],
      o: [['s'], 'select sum(v) as n from main.s'],
    }),
    change: {
      'dbt/models/s.sql': 'select i as v from range(2000000) t(i)',
      'dbt/models/o.sql': 'select sum(v) + 0 as n from main.s',
    },
    holds: 'refused or rebuilt',
  },
  {
    name: 'the types of columns of a seed',
    files: {
      'a.yaml': assetsFile({ s: [] }),
      [SEED]: 'v\n1\n',
      'dbt/seeds/s.yml': 'seeds: [{name: s, config: {column_types: {v: integer}}}]\n',
    },
    change: { 'dbt/seeds/s.yml': 'seeds: [{name: s, config: {column_types: {v: varchar}}}]\n' },
  },
  {
    name: 'the delimiter of a seed',
    files: { 'a.yaml': assetsFile({ s: [] }), [SEED]: 'v;w\n1;2\n' },
    change: { 'dbt/seeds/s.yml': 'seeds: [{name: s, config: {delimiter: ";"}}]\n' },
  },
  {
    name: 'the quoting of the columns of a seed',
    files: { 'a.yaml': assetsFile({ s: [] }), [SEED]: 'V\n1\n' },
    change: { 'dbt/seeds/s.yml': 'seeds: [{name: s, config: {quote_columns: true}}]\n' },
  },
  {
    name: 'the quoting of the project',
    files: modelFiles({ a: [[], "select '{{ this }}' as s"] }),
    change: { [PROJECT]: projectFile('quoting: {identifier: false}') },
  },
  {
    name: 'white space in the value of a seed',
    files: { 'a.yaml': assetsFile({ s: [] }), [SEED]: 'v\n"a  b"\n' },
    change: { [SEED]: 'v\n"a b"\n' },
  },
  {
    name: 'the event time of a source of a microbatch model',
    files: {
      'a.yaml': EXTERNAL_ASSET('raw'),
      'dbt/models/a.sql': MICROBATCH,
      [YML]: MICROBATCH_YML('day'),
    },
    sql: [
      "create table raw as select timestamp '2024-05-05' as day, timestamp '2021-05-05' as other union all select timestamp '2021-05-05', timestamp '2024-05-05'",
    ],
    change: { [YML]: MICROBATCH_YML('other') },
  },
  {
    name: 'the event time of a source of a microbatch model is removed',
    files: {
      'a.yaml': EXTERNAL_ASSET('raw'),
      'dbt/models/a.sql': MICROBATCH,
      [YML]: MICROBATCH_YML('day'),
    },
    sql: [
      "create table raw as select timestamp '2024-05-05' as day union all select timestamp '2021-05-05'",
    ],
    change: { [YML]: MICROBATCH_YML('null') },
  },
])

const PARQUET = "{{ config(materialized='external', location='{ROOT}/e.parquet') }} select 1 as id"
const EXTERNAL = modelFiles({
  e: [[], PARQUET],
  r: [['e'], "select * from {{ ref('e') }}"],
})
const CSV = 'assets:\n  f: {kind: external, path: in.csv}\n  a: {kind: dbt, deps: [f]}\n'

testEdits('files', [
  {
    name: 'the file of an external materialization is gone',
    files: EXTERNAL,
    change: { 'e.parquet': null },
  },
  {
    name: 'the file of an external materialization has other rows',
    files: EXTERNAL,
    sqlAfter: ["copy (select 9 as id) to '{ROOT}/e.parquet' (format parquet)"],
  },
  {
    name: 'a file that a model reads',
    files: {
      'a.yaml': CSV,
      'in.csv': 'v\n1\n',
      'dbt/models/a.sql': "select * from read_csv('{ROOT}/in.csv')",
    },
    change: { 'in.csv': 'v\n2\n' },
  },
  {
    name: 'a file that a source reads',
    files: {
      'a.yaml': CSV,
      'in.csv': 'v\n1\n',
      'dbt/models/a.sql': "select * from {{ source('x', 'f') }}",
      [YML]:
        "sources: [{name: x, tables: [{name: f, config: {meta: {external_location: '{ROOT}/in.csv'}}}]}]\n",
    },
    change: { 'in.csv': 'v\n2\n' },
  },
])
