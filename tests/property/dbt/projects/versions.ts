import { soakProject } from './make.ts'

/** Versions, aliases, names made by macros, groups, Python models and quoting. */
export const versions = soakProject(
  'versions',
  {
    m1: [],
    m2: ['m1'],
    reader: ['m2'],
    pinned: ['m1'],
    py: ['reader'],
    aliased: ['py'],
  },
  {
    'a.yaml': `assets:
  m1: {kind: dbt, model: m.v1}
  m2: {kind: dbt, model: m.v2, deps: [m1]}
  reader: {kind: dbt, deps: [m2]}
  pinned: {kind: dbt, deps: [m1]}
  py: {kind: dbt, deps: [reader]}
  aliased: {kind: dbt, deps: [py]}
`,
    'dbt/dbt_project.yml': `name: t
version: 1.0.0
config-version: 2
profile: t
quoting: {identifier: true}
vars: {suffix: s, limit: 6}
models:
  +materialized: table
`,
    'dbt/models/schema.yml': `models:
  - name: m
    latest_version: 2
    config: {group: core, meta: {limit: 5}}
    columns: [{name: id, data_type: bigint}, {name: n, data_type: bigint}]
    versions:
      - {v: 1, config: {alias: m_first}}
      - {v: 2, columns: [{include: all, exclude: [n]}]}
  - name: py
    config: {meta: {power: 2}, label: words, extra: 3}
  - name: aliased
    description: under another name
    config: {alias: other_name, schema: side}
groups:
  - {name: core, owner: {email: a@example.com}}
`,
    'dbt/macros/m.sql': `{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
  {%- if custom_alias_name -%}{{ custom_alias_name | trim }}_{{ var('suffix') }}
  {%- elif node.version -%}{{ node.name }}_v{{ node.version }}
  {%- else -%}{{ node.name }}{%- endif -%}
{%- endmacro %}
`,
    'dbt/models/m_v1.sql':
      'select i as id, i * 2 as n from range({{ model.config.meta.limit }}) t(i)\n',
    'dbt/models/m_v2.sql':
      "select id + 1 as id from {{ ref('m', v=1) }} where id < {{ var('limit') }}\n",
    'dbt/models/reader.sql': "{{ config(materialized='view') }}\nselect id from {{ ref('m') }}\n",
    'dbt/models/pinned.sql': "select n, '{{ this }}' as name from {{ ref('m', version=1) }}\n",
    'dbt/models/py.py': `def model(dbt, session):
    dbt.config(materialized="table")
    power = dbt.config.meta_get("power")
    label = dbt.config.get("label")
    rows = dbt.ref("reader")
    return rows.project(f"id, id ** {power} as p, '{label}' as label")
`,
    'dbt/models/aliased.sql':
      "select count(*) as n, max(p) as p, max(label) as label from {{ ref('py') }} -- one row\n",
  },
  { models: { m1: 'm_v1', m2: 'm_v2' } },
)
