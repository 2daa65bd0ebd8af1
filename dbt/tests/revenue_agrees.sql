-- Each of these models counts every payment once.
with totals as (
    select 'fact_payment' as model, sum(amount) as revenue from {{ ref('fact_payment') }}
    union all
    select 'daily_revenue', sum(revenue) from {{ ref('daily_revenue') }}
    union all
    select 'revenue_trend', sum(revenue) from {{ ref('revenue_trend') }}
    union all
    select 'customer_segments', sum(monetary) from {{ ref('customer_segments') }}
    union all
    select 'segment_behaviour', sum(revenue) from {{ ref('segment_behaviour') }}
)

select *
from totals
where revenue <> (select sum(amount) from {{ ref('fact_payment') }})
