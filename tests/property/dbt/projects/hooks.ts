import { soakProject } from './make.ts'

/** Hooks that make functions and change rows, a materialization of the project, and its own ref(). */
export const hooks = soakProject(
  'hooks',
  { base: [], marked: ['base'], mine: ['base'], viewed: ['marked'], counted: ['viewed', 'mine'] },
  {
    'dbt/dbt_project.yml': `name: t
version: 1.0.0
config-version: 2
profile: t
vars: {factor: 3, mark: 7, most: 40}
on-run-start:
  - "{{ functions() }}"
  - create or replace macro least() as 2
on-run-end: "{% if execute %}select {{ var('mark') }}{% endif %}"
models:
  +materialized: table
  t: {+post-hook: "{{ after() }}"}
`,
    'dbt/macros/m.sql': `{% macro functions() %}create or replace macro times(x) as x * {{ var('factor') }}{% endmacro %}
{% macro after() %}{% if model.name == 'marked' %}update {{ this }} set mark = {{ var('mark') }} where id > {{ first() }}{% else %}select 1{% endif %}{% endmacro %}
{% macro first() %}3{% endmacro %}
{% macro ref(name) %}{{ return(builtins.ref(name)) }}{% endmacro %}
{% macro mark() %}5{% endmacro %}
`,
    'dbt/macros/materialization.sql': `{% materialization stamped, default %}
  {% set target = this.incorporate(type='table') %}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') %}
    create or replace table {{ target }} as select *, {{ mark() }} as stamp, {{ config.get('extra', 1) }} as extra from ({{ sql }})
  {% endcall %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
`,
    'dbt/models/base.sql': `{{ config(pre_hook="create or replace macro limited(x) as x < {{ var('most') }}") }}
select i as id, times(i) as n from range(9) t(i) where i >= least() and limited(i)
`,
    'dbt/models/marked.sql': "select id, n, 0 as mark from {{ ref('base') }}\n",
    'dbt/models/mine.sql': `{{ config(materialized='stamped', extra=4) }}
select max(n) as n from {{ ref('base') }}
`,
    'dbt/models/viewed.sql': `{{ config(materialized='view') }}
select id, times(mark) as mark from {{ ref('marked') }}
`,
    'dbt/models/counted.sql': `select count(*) as n, sum(mark) as mark, (select max(stamp) from {{ ref('mine') }}) as stamp from {{ ref('viewed') }}
`,
  },
  { custom: ['mine'] },
)
