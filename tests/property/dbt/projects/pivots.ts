import { projectFile } from '../../../rig/dbt/edits.ts'
import { soakProject } from './make.ts'

/** SQL made from data: run_query, statement blocks and columns of relations, and views over such views. */
export const pivots = soakProject(
  'pivots',
  {
    facts: [],
    small: ['facts'],
    by_query: ['facts'],
    by_statement: ['small'],
    by_columns: ['by_query'],
    inner_pivot: ['facts'],
    outer_view: ['inner_pivot'],
    last: ['by_columns', 'outer_view'],
  },
  {
    'dbt/dbt_project.yml': projectFile('vars: {least: 0}\n'),
    'dbt/seeds/facts.csv': 'k,v,n\n1,a,1\n2,b,2\n3,a,5\n',
    'dbt/macros/m.sql': `{% macro values_of(relation, column, least=0) %}
  {%- if execute -%}
    {{ return(run_query('select distinct ' ~ column ~ ' from ' ~ relation ~ ' where n > ' ~ least ~ ' order by 1').columns[0].values()) }}
  {%- endif -%}
  {{ return([]) }}
{% endmacro %}
{% macro pivot(values) %}{% for v in values %}, sum(case when v = '{{ v }}' then n end) as "{{ v }}"{% endfor %}{% endmacro %}
{% macro names(relation) %}{% set out = [] %}{% if execute %}{% for c in adapter.get_columns_in_relation(relation) %}{% do out.append(c.name ~ ':' ~ c.dtype) %}{% endfor %}{% endif %}{{ return(out | join(' ')) }}{% endmacro %}
`,
    'dbt/models/small.sql': `{{ config(materialized='view') }}
select * from {{ ref('facts') }} where n < 9
`,
    'dbt/models/by_query.sql': `{{ config(materialized='view') }}
select 1 as one{{ pivot(values_of(ref('facts'), 'v', var('least'))) }} from {{ ref('facts') }}
`,
    'dbt/models/by_statement.sql': `{% call statement('most', fetch_result=true) %}select max(n) from {{ ref('small') }}{% endcall %}
{% set most = load_result('most')['data'][0][0] if execute else 0 %}
select k, {{ most }} - n as below from {{ ref('small') }}
`,
    'dbt/models/by_columns.sql': `{{ config(materialized='view') }}
select '{{ names(ref('by_query')) }}' as names, one from {{ ref('by_query') }}
`,
    'dbt/models/inner_pivot.sql': `{{ config(materialized='ephemeral') }}
select 2 as two{{ pivot(values_of(ref('facts'), 'v')) }} from {{ ref('facts') }}
`,
    'dbt/models/outer_view.sql': `{{ config(materialized='view') }}
select * from {{ ref('inner_pivot') }}
`,
    'dbt/models/last.sql': `select c.names, o.* from {{ ref('by_columns') }} c cross join {{ ref('outer_view') }} o
`,
  },
)
