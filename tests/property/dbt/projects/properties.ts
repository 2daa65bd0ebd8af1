import { soakProject } from './make.ts'

/** SQL that reads meta, tags, columns, descriptions, docs, contracts and the graph. */
export const properties = soakProject(
  'properties',
  {
    source_like: [],
    typed: ['source_like'],
    tagged: [],
    graphed: [],
    contracted: ['typed'],
    soft: ['tagged'],
    last: ['soft', 'contracted'],
  },
  {
    'dbt/dbt_project.yml': `name: t
version: 1.0.0
config-version: 2
profile: t
models:
  +materialized: table
  t:
    +tags: [all]
    +meta: {owner: us, limit: 8}
`,
    'dbt/models/schema.yml': `models:
  - name: source_like
    description: "{{ doc('rows') }}"
    config: {meta: {cutoff: 3, owner: them}}
    columns:
      - {name: id, description: the key, data_type: integer}
      - {name: v, description: a value, data_type: varchar}
  - name: typed
    columns:
      - {name: id, data_type: bigint, config: {meta: {unit: cm}}}
      - {name: v, data_type: varchar, config: {tags: [free]}}
  - name: tagged
    description: nobody reads this
    config: {tags: [one, two]}
  - name: contracted
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: bigint, description: the key}
      - {name: n, data_type: bigint}
  - name: soft
    config: {meta: {hidden: true}, docs: {show: false}}
`,
    'dbt/models/exposures.yml': `exposures:
  - {name: board, type: dashboard, owner: {email: a@example.com}, depends_on: [ref('soft')], description: shown}
`,
    'dbt/models/docs.md':
      '{% docs rows %}some rows of numbers{% enddocs %}\n\n{% docs other %}not used{% enddocs %}\n',
    'dbt/macros/m.sql': `{% macro cast_all(node) %}{% for c in node.columns.values() -%}
cast({{ c.name }} as {{ c.data_type }}) as {{ c.name }}{{ ',' if not loop.last }}{% endfor %}{% endmacro %}
{% macro cutoff(default) %}{{ (config.get('meta') or {}).get('cutoff', default) }}{% endmacro %}
{% macro with_tag(tag) %}{% set found = [] %}{% if execute %}{% for n in graph.nodes.values() if tag in n.tags %}{% do found.append(n.name) %}{% endfor %}{% endif %}{{ found | sort | join(' ') }}{% endmacro %}
`,
    'dbt/models/source_like.sql': `select i as id, '{{ model.description }}' as v
from range(9) t(i) where i > {{ cutoff(1) }} and i < {{ config.require('meta')['limit'] }}
`,
    'dbt/models/typed.sql': `select {{ cast_all(model) }}
from {{ ref('source_like') }} -- {{ model.columns.id.config.meta.unit }}
`,
    'dbt/models/tagged.sql': `select {% for t in model.config.tags %}'{{ t }}' as t{{ loop.index }}, {% endfor %}'{{ model.fqn | join('.') }}' as f
`,
    'dbt/models/graphed.sql': `select '{{ with_tag('one') }}' as a, {{ graph.exposures | length if execute else 0 }} as b
`,
    'dbt/models/contracted.sql': `select id, count(*) as n from {{ ref('typed') }} group by 1
`,
    'dbt/models/soft.sql': `{{ config(materialized='view') }}
select * from {{ ref('tagged') }}
`,
    'dbt/models/last.sql': `select count(*) as n from {{ ref('soft') }} cross join {{ ref('contracted') }}
`,
  },
)
