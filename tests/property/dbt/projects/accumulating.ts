import { projectFile } from '../../../rig/dbt/edits.ts'
import { soakProject } from './make.ts'

/** Seeds, incremental and microbatch models, snapshots, ephemerals and views. */
export const accumulating = soakProject(
  'accumulating',
  {
    orders: [],
    colours: [],
    clean: ['orders'],
    big: ['clean'],
    merged: ['big'],
    yearly: ['clean'],
    history: ['colours'],
    coloured: ['merged', 'history'],
    totals: ['yearly', 'coloured'],
  },
  {
    'dbt/dbt_project.yml': projectFile(
      'vars: {least: 2, start: 2022}\nseeds: {+quote_columns: false}\n',
    ),
    'dbt/seeds/orders.csv': `id,colour,amount,day
1,red,5,2022-03-01
2,blue,7,2022-09-01
3,red,1,2023-02-01
4,green,9,2023-03-01
5,blue,4,2024-01-01
`,
    'dbt/seeds/colours.csv': 'colour,code\nred,1\nblue,2\ngreen,3\n',
    'dbt/seeds/seeds.yml': `seeds:
  - {name: orders, config: {column_types: {amount: integer, day: timestamp}}}
  - {name: colours, config: {column_types: {code: varchar}}}
`,
    'dbt/models/clean.sql': `{{ config(materialized='view', event_time='day') }}
select id, colour, amount, day from {{ ref('orders') }} where id < 90 -- real ones
`,
    'dbt/models/big.sql': `{{ config(materialized='ephemeral') }}
select * from {{ ref('clean') }} where amount > {{ var('least') }}
`,
    'dbt/models/merged.sql': `{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert') }}
select id, colour, amount * 2 as amount from {{ ref('big') }}
{% if is_incremental() %} where id >= (select min(id) from {{ this }}) {% endif %}
`,
    'dbt/models/yearly.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day', begin='2022-01-01', batch_size='year', lookback=9, concurrent_batches=false) }}
select id, day, amount + 1 as amount from {{ ref('clean') }}
`,
    'dbt/snapshots/history.yml': `snapshots:
  - name: history
    relation: ref('colours')
    config: {strategy: check, unique_key: colour, check_cols: [code]}
`,
    'dbt/models/coloured.sql': `select m.id, m.amount, h.code from {{ ref('merged') }} m
left join {{ ref('history') }} h on h.colour = m.colour and h.dbt_valid_to is null
`,
    'dbt/models/totals.sql': `{{ config(materialized='view') }}
select count(*) as n, (select sum(amount) from {{ ref('yearly') }}) as a from {{ ref('coloured') }}
`,
  },
  { accumulating: { merged: 'incremental', yearly: 'incremental', history: 'snapshot' } },
)
