import { profile } from '../../../rig/dbt/edits.ts'
import { soakProject } from './make.ts'

/** Variables of the environment wherever dbt reads them, the profile, and names of schemas. */
export const environment = soakProject(
  'environment',
  {
    read: [],
    hidden: ['read'],
    region: ['hidden'],
    named: [],
    targeted: [],
    total: ['region', 'named'],
  },
  {
    'dbt/dbt_project.yml': `name: t
version: 1.0.0
config-version: 2
profile: t
vars: {region: "{{ env_var('T_REGION', 'none') }}", which: T_COLOUR, limit: 4}
models:
  +materialized: table
  t: {+schema: "{{ env_var('T_FOLDER', 'x') }}"}
`,
    'dbt/profiles.yml': profile(`schema: "{{ env_var('T_SCHEMA', 'main') }}"
      threads: 2`),
    'dbt/macros/m.sql': `{% macro colour(name) %}{% if execute %}{{ env_var(name, 'grey') }}{% else %}grey{% endif %}{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ target.schema }}{% if custom_schema_name and node.name == 'named' %}_{{ custom_schema_name | trim }}{% endif %}
{%- endmacro %}
{% macro page() %}{{ env_var('T_PAGE_TOKEN', 'p') }}{% endmacro %}
`,
    'dbt/models/read.sql': `select i as id, '{{ env_var('T_REGION', 'eu') }}' as r
from range({{ var('limit') }}) t(i)
`,
    'dbt/models/hidden.sql': `{{ config(materialized='ephemeral') }}
select id, r, {% if execute %}'{{ env_var('T_COLOUR', 'red') }}'{% else %}''{% endif %} as c from {{ ref('read') }}
`,
    'dbt/models/region.sql': `select h.*, '{{ var('region') }}' as v, '{{ colour(var('which')) }}' as w
from {{ ref('hidden') }} h
`,
    'dbt/models/named.sql': `{% set name = 'T_' ~ 'NUMBER' %}select {{ env_var(name, '1') }} as n, '{{ page() }}' as p
`,
    'dbt/models/targeted.sql': `{{ config(materialized='view') }}
select '{{ target.name }}' as a, '{{ target.schema }}' as b, {{ target.threads }} as c, '{{ model.meta.colour }}' as d
`,
    'dbt/models/schema.yml': `models:
  - name: targeted
    config: {meta: {colour: "{{ env_var('T_COLOUR', 'red') }}"}}
`,
    'dbt/models/total.sql': `select r.c, n.p, count(*) as n from {{ ref('region') }} r cross join {{ ref('named') }} n group by all
`,
  },
  {
    values: {
      T_REGION: ['eu', 'us', 'asia'],
      T_COLOUR: ['red', 'blue'],
      T_SCHEMA: ['main', 'other'],
      T_FOLDER: ['x', 'y'],
      T_NUMBER: ['1', '2'],
      T_PAGE_TOKEN: ['one', 'two'],
      T_NOT_READ: ['a', 'b'],
    },
  },
)
