import { projectFile } from '../../../rig/dbt/edits.ts'
import { soakProject } from './make.ts'

/** Macros as values: in lists, tables, arguments, defaults and by computed names. */
export const values = soakProject(
  'values',
  {
    listed: [],
    tabled: ['listed'],
    computed: [],
    called: [],
    joined: ['tabled', 'computed', 'called'],
  },
  {
    'dbt/dbt_project.yml': projectFile('vars: {which: two, number: 6}\n'),
    'dbt/macros/basic.sql': `{% macro one() %}1{% endmacro %}
{% macro two() %}2{% endmacro %}
{% macro three(x=4) %}{{ x }} + 3{% endmacro %}
{% macro table_of() %}{{ return({'first': one, 'second': two}) }}{% endmacro %}
`,
    'dbt/macros/calls.sql': `{% macro call_first(ms) %}{{ ms[0]() }}{% endmacro %}
{% macro call_by(m, n) %}{{ m() }} * {{ n }}{% endmacro %}
{% macro with_default(m=three) %}{{ m(5) }}{% endmacro %}
{% macro any() %}{{ varargs[0]() }} - {{ kwargs.get('m', one)() }}{% endmacro %}
{% macro around() %}({{ caller(8) }}){% endmacro %}
{% macro default__two() %}22{% endmacro %}
{% macro default__one() %}11{% endmacro %}
`,
    'dbt/models/listed.sql': `{% set ms = [one, two] %}
select {{ call_first(ms) }} as a, {{ call_by(two, 9) }} as b, {{ with_default() }} as c, {{ any(two, m=three) }} as d
`,
    'dbt/models/tabled.sql': `{{ config(materialized='view') }}
{% set ns = namespace(total=0) %}{% for n in [1, 2, 3] %}{% set ns.total = ns.total + n %}{% endfor %}
select {{ table_of()['second']() }} as a, {{ ns.total }} as b, c from {{ ref('listed') }}
`,
    'dbt/models/computed.sql': `select {{ context['t' ~ 'wo']() }} as a, {{ context.get(var('which'))() }} as b, {{ adapter.dispatch(var('which'))() }} as c
`,
    'dbt/models/called.sql': `{% set name = 'nu' ~ 'mber' %}{% set get = var %}
select {% call(x) around() %}{{ x }} + {{ one() }}{% endcall %} as a, {{ var(name) }} as b, {{ get('number') }} as c
`,
    'dbt/models/joined.sql': `select t.a, c.b, d.c
from {{ ref('tabled') }} t cross join {{ ref('computed') }} c cross join {{ ref('called') }} d
`,
  },
)
