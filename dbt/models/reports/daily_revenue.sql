with payment as (select * from {{ ref('fact_payment') }})

select
    cast(payment_date as date) as day,
    count(*) as payments,
    sum(amount) as revenue
from payment
group by 1
