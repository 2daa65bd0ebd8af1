import { projectFile } from '../../../rig/dbt/edits.ts'
import { soakProject } from './make.ts'

/** Generic, singular and unit tests, of the project and of dbt. */
export const checks = soakProject(
  'checks',
  { rows: [], parents: [], good: ['rows'], joined: ['good', 'parents'] },
  {
    'dbt/dbt_project.yml': projectFile('vars: {most: 5, few: 1}\ndata_tests: {+severity: warn}\n'),
    'dbt/seeds/rows.csv': 'id,parent,n\n1,1,4\n2,1,6\n3,2,1\n',
    'dbt/seeds/parents.csv': 'parent,label\n1,a b\n2,c\n',
    'dbt/macros/tests.sql': `{% test under(model, column_name, most) %}
select * from {{ model }} where {{ column_name }} > {{ most }} + {{ slack() }}
{% endtest %}
{% test few(model, limit=1) %}{{ config(severity='warn') }}
select count(*) as n from {{ model }} having count(*) > {{ limit }} * {{ var('few') }}
{% endtest %}
{% macro slack() %}0{% endmacro %}
`,
    'dbt/models/good.sql': "select id, parent, n * 2 as n from {{ ref('rows') }} where n < 50\n",
    'dbt/models/joined.sql': `{{ config(materialized='view') }}
select g.id, g.n, p.label from {{ ref('good') }} g left join {{ ref('parents') }} p using (parent)
`,
    'dbt/models/schema.yml': `models:
  - name: good
    config: {meta: {limit: 9}}
    data_tests:
      - few: {arguments: {limit: 2}}
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: n
        data_tests:
          - under: {arguments: {most: 5}, config: {where: "id < 3"}}
          - under: {name: under_var, arguments: {most: "{{ var('most') }}"}, config: {error_if: ">90", warn_if: ">1"}}
      - name: parent
        data_tests:
          - relationships: {arguments: {to: ref('parents'), field: parent}}
          - accepted_values: {arguments: {values: [1, 2], quote: false}}
unit_tests:
  - name: doubles
    model: good
    given: [{input: ref('rows'), rows: [{id: 1, parent: 1, n: 2}]}]
    expect: {rows: [{id: 1, parent: 1, n: 4}]}
`,
    'dbt/tests/singular.sql': `{{ config(meta={'least': 2}) }}
select * from {{ ref('joined') }} where n < {{ model.config.meta.least }} or label is null -- none
`,
  },
)
