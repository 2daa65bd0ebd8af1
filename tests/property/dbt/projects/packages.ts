import { projectFile } from '../../../rig/dbt/edits.ts'
import { soakProject } from './make.ts'

/** Two local packages, dispatch with search orders, overrides, and variables in the scope of packages. */
export const packages = soakProject(
  'packages',
  {
    base: [],
    priced: ['base'],
    labels: [],
    wide: ['priced', 'labels'],
    p_model: [],
    q_model: ['p_model'],
  },
  {
    'dbt/dbt_project.yml': projectFile(`vars:
  rate: 3
  label: main
  words: words of t
  factor: 9
  p: {rate: 5}
  q: {factor: 2}
dispatch:
  - {macro_namespace: p, search_order: [t, p]}
  - {macro_namespace: q, search_order: [q, t, p]}
`),
    'dbt/packages.yml': 'packages:\n  - local: dbt_packages/p\n  - local: dbt_packages/q\n',
    'dbt/dbt_packages/p/dbt_project.yml': `name: p
version: 1.0.0
config-version: 2
vars: {rate: 1, unit: cm}
models: {+materialized: table}
`,
    'dbt/dbt_packages/p/macros/p.sql': `{% macro amount(c) %}{{ return(adapter.dispatch('amount', 'p')(c)) }}{% endmacro %}
{% macro default__amount(c) %}{{ c }} * {{ var('rate') }}{% endmacro %}
{% macro duckdb__unit() %}'{{ var('unit', 'mm') }}'{% endmacro %}
{% macro unit() %}{{ adapter.dispatch('unit', 'p')() }}{% endmacro %}
`,
    'dbt/dbt_packages/p/models/p_model.sql':
      'select 1 as id, {{ amount(4) }} as amount, {{ unit() }} as unit\n',
    'dbt/dbt_packages/q/dbt_project.yml': `name: q
version: 1.0.0
config-version: 2
vars: {factor: 7, words: some words}
models: {+materialized: view}
`,
    'dbt/dbt_packages/q/macros/q.sql': `{% macro scaled(c) %}{{ return(adapter.dispatch('scaled', 'q')(c)) }}{% endmacro %}
{% macro default__scaled(c) %}({{ c }} + {{ var('factor') }}){% endmacro %}
{% macro words(n=1) %}{{ var('words') }}{{ n }}{% endmacro %}
`,
    'dbt/dbt_packages/q/models/q_model.sql':
      "select id, {{ scaled('amount') }} as scaled, '{{ words(2) }}' as words from {{ ref('p', 'p_model') }}\n",
    'dbt/macros/m.sql': `{% macro default__amount(c) %}{{ c }} + {{ var('rate') }} - 1{% endmacro %}
{% macro default__scaled(c) %}({{ c }} - 100){% endmacro %}
{% macro label() %}{{ q.words() }} of {{ var('label') }}{% endmacro %}
`,
    'dbt/models/base.sql': "select i as id, {{ p.amount('i') }} as amount\nfrom range(5) t(i)\n",
    'dbt/models/priced.sql': `{{ config(materialized='view') }}
select id, {{ q.scaled('amount') }} as scaled, {{ p.unit() }} as unit from {{ ref('base') }}
`,
    'dbt/models/labels.sql':
      "select '{{ label() }}' as label, {{ dbt.string_literal('x y') }} as other\n",
    'dbt/models/wide.sql': `select * from {{ ref('priced') }}
cross join {{ ref('labels') }} -- all of them
`,
  },
)
