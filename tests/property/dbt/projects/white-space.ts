import { soakProject } from './make.ts'

/** Literals and comments that Jinja makes, opens, ends, fills, filters and measures. */
export const whiteSpace = soakProject(
  'white-space',
  {
    commented: [],
    quoted: [],
    blocks: [],
    measured: [],
    above: ['commented', 'blocks'],
    plain: ['above'],
  },
  {
    'dbt/macros/m.sql': `{% macro quote() %}'{% endmacro %}
{%- macro words(n) -%}
  some  words {{ n }} -- not a comment
{%- endmacro -%}
{% macro literal() %}'{{ caller() }}'{% endmacro %}
{% macro dash(on) %}{% if on %}--{% endif %}{% endmacro %}
{# a comment of the file #}
{% macro open(on=false) %}{{ "/*" if on }}{% endmacro %}
{% macro close(on=false) %}{{ "*/" if on }}{% endmacro %}
`,
    'dbt/models/commented.sql': `select i, i * 2 as twice -- two times
from range(50) t(i)
{{ dash(false) }} where i < 10
/* and {{ '*' ~ '/' }} and i > 2 {{ '/' ~ '*' }} */
{{ open() }} and i <> 5 {{ close() }}
`,
    'dbt/models/quoted.sql': `{% set q = "'" %}
{%- set carried = words(2) | trim -%}
select {{ q }}a  b{{ q }} as a, {{ quote() }}c -- d{{ quote() }} as b,
  '{{ carried }}' as c, {{ "'" ~ words(3) ~ "'" }} as d, $$e  f$$ as e
`,
    'dbt/models/blocks.sql': `{% set text %}one  two -- three{% endset %}
select '{{ text }}' as a,
  {% call literal() %}four  five{% endcall %} as b,
  {% filter upper %}'six  seven'{% endfilter %} as c,
  '{% for n in [1, 2] -%} {{ n }} {%- if not loop.last %} , {% endif %}{% endfor %}' as d
`,
    'dbt/models/measured.sql': `select {{ words(4) | length }} as a, {{ model.raw_code | length }} as b,
  {% filter length | string %}eight  nine{% endfilter %} as c -- measured
`,
    'dbt/models/above.sql': `{{ config(materialized='view') }}
select c.i, b.a || '  ' || b.c as s
from {{ ref('commented') }} as c cross join {{ ref('blocks') }} as b
where c.i > 3 -- few
`,
    'dbt/models/plain.sql': `/* plain SQL */
select i, count(*) as n, min(s) as s
from {{ ref('above') }}
group by i -- for each
`,
  },
)
