with payment as (select * from {{ ref('fact_payment') }}),

customer as (select * from {{ ref('dim_customer') }}),

as_of as (select cast(max(payment_date) as date) as as_of_day from payment),

paying as (
    select
        customer_id,
        cast(max(payment_date) as date) as last_payment_day,
        count(*) as frequency,
        sum(amount) as monetary
    from payment
    group by customer_id
),

measured as (
    select
        paying.*,
        as_of.as_of_day,
        datediff('day', paying.last_payment_day, as_of.as_of_day) as recency_days
    from paying
    cross join as_of
),

-- Doubles, because the median of two amounts a cent apart lies between them.
medians as (
    select
        median(cast(recency_days as double)) as recency_days,
        median(cast(frequency as double)) as frequency,
        median(cast(monetary as double)) as monetary
    from measured
),

-- Quintiles are numbered from the best down: if the customers do not divide by five, the better quintiles are larger.
scored as (
    select
        measured.*,
        case when measured.recency_days < medians.recency_days then 1 else 0 end as r,
        case when measured.frequency > medians.frequency then 1 else 0 end as f,
        case when measured.monetary > medians.monetary then 1 else 0 end as m,
        6 - ntile(5) over (order by measured.recency_days, measured.customer_id) as r5,
        6 - ntile(5) over (order by measured.frequency desc, measured.customer_id) as f5,
        6 - ntile(5) over (order by measured.monetary desc, measured.customer_id) as m5
    from measured
    cross join medians
)

select
    scored.customer_id,
    customer.first_name,
    customer.last_name,
    customer.country,
    customer.is_active,
    scored.as_of_day,
    scored.last_payment_day,
    scored.recency_days,
    scored.frequency,
    scored.monetary,
    {{ ratio('scored.monetary', 'scored.frequency') }} as avg_payment,
    scored.r,
    scored.f,
    scored.m,
    case when scored.m = 1 then 'Key' else 'General' end
    || case
        when scored.r = 1 and scored.f = 1 then ' Valuable'
        when scored.r = 1 then ' Potential'
        when scored.f = 1 then ' Loyal'
        else ' At Risk'
    end
    || ' Customer' as segment,
    scored.r5,
    scored.f5,
    scored.m5,
    scored.r5 + scored.f5 + scored.m5 as score,
    case
        when scored.r5 + scored.f5 + scored.m5 >= 13 then 'Champions'
        when scored.r5 + scored.f5 + scored.m5 >= 10 then 'Loyal'
        when scored.r5 + scored.f5 + scored.m5 >= 7 then 'Potential'
        else 'At Risk'
    end as quintile_segment
from scored
left join customer on scored.customer_id = customer.customer_id
