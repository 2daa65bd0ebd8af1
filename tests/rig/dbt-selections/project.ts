import { SHOP_ASSETS } from '../shop.ts'

/** What the shop gets for selections: everything that dbt's selection methods look at. */
export const MORE: Readonly<Record<string, string>> = {
  'dbt/models/more.yml': `version: 2
sources:
  - name: mirror
    schema: raw
    tables: [{name: copy}]
    tags: [outside]
groups:
  - name: finance
    owner: {name: Ann, email: ann@example.com}
models:
  - name: joined
    description: for selections
    access: public
    config: {tags: [nightly, "tier=gold"], meta: {owner: ann, zones: [eu, us]}, group: finance}
  - name: journal
    config: {tags: ["a+b", "x:y"]}
    columns: [{name: id, tags: [key], data_tests: [{unique: {config: {tags: [slow]}}}]}]
exposures:
  - name: dashboard
    type: dashboard
    owner: {name: Ann, email: ann@example.com}
    depends_on: [ref('joined'), metric('total_amount')]
    config: {tags: [published, nightly]}
  - name: feed
    type: application
    owner: {name: Ann, email: ann@example.com}
    depends_on: ["source('shop', 'orders')", ref('journal'), ref('loose')]
`,
  'dbt/models/loose.sql': `select 1 as no_asset_reads_this`,
  'dbt/models/marts/marts.yml': `version: 2
models:
  - name: dim
    latest_version: 2
    config: {tags: [dims]}
    versions: [{v: 1}, {v: 2}, {v: 3}]
  - name: sales
    config: {group: finance, meta: {owner: ben}}
    columns:
      - name: customer
        data_tests: [{relationships: {arguments: {to: ref('history'), field: customer}}}]
  - name: odd
    access: private
    config: {group: finance}
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
semantic_models:
  - name: orders
    model: ref('sales')
    defaults: {agg_time_dimension: sold_on}
    entities: [{name: customer, type: primary}]
    dimensions: [{name: sold_on, type: time, type_params: {time_granularity: day}}]
    measures: [{name: amount, agg: sum}]
metrics:
  - name: total_amount
    label: Total
    type: simple
    type_params: {measure: amount}
    config: {tags: [published], group: finance}
  - name: twice
    label: Twice
    type: derived
    type_params: {expr: total_amount * 2, metrics: [total_amount]}
saved_queries:
  - name: weekly
    query_params: {metrics: [twice]}
    config: {tags: [published]}
exposures:
  - name: board
    type: analysis
    owner: {name: Ben, email: ben@example.com}
    depends_on: ["ref('dim', v=1)"]
`,
  'dbt/models/marts/dim_v1.sql': `select * from {{ ref('stg_orders') }}`,
  'dbt/models/marts/dim_v2.sql': `select * from {{ ref('dim', v=1) }}`,
  'dbt/models/marts/dim_v3.sql': `select * from {{ ref('dim', v=2) }}`,
  'dbt/models/marts/deep/sales.sql': `{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id') }}
select *, current_date as sold_on from {{ ref('journal') }} join {{ ref('dim') }} using (id)
`,
  'dbt/models/marts/days.sql': `select cast('2024-01-01' as date) as day`,
  'dbt/models/a+b/odd.sql': `select * from {{ ref('sales') }}`,
  'dbt/tests/deep/sales_known.sql': `select * from {{ ref('sales') }} where id is null`,
  'dbt/analyses/idea.sql': `select * from {{ ref('sales') }}`,
  'dbt/dbt_packages/tools/dbt_project.yml': `name: tools
version: 1.0.0
config-version: 2
`,
  'dbt/dbt_packages/tools/models/marts/tool.sql': `select 1 as tool`,
  'dbt/dbt_packages/tools/models/tools.yml': `version: 2
models: [{name: tool, config: {tags: [nightly]}, columns: [{name: tool, data_tests: [unique]}]}]
exposures:
  - name: board
    type: analysis
    owner: {name: Ben, email: ben@example.com}
    depends_on: [ref('tool')]
`,
}

/** `loose` is no asset. */
export const ASSETS: Readonly<Record<string, readonly string[]>> = {
  ...SHOP_ASSETS,
  'dim.v1': ['stg_orders'],
  'dim.v2': ['dim.v1'],
  'dim.v3': ['dim.v2'],
  sales: ['journal', 'dim.v2'],
  days: [],
  odd: ['sales'],
  tool: [],
}
