with payment as (select * from {{ ref('fact_payment') }}),

span as (
    select
        cast(min(payment_date) as date) as begins_on,
        cast(max(payment_date) as date) as ends_on
    from payment
),

monthly as (
    select
        cast(date_trunc('month', payment_date) as date) as month,
        count(*) as payments,
        count(distinct customer_id) as paying_customers,
        count(distinct rental_id) as paid_rentals,
        sum(amount) as revenue
    from payment
    group by 1
),

compared as (
    select
        *,
        lag(revenue) over (order by month) as previous_revenue
    from monthly
)

select
    compared.month,
    compared.payments,
    compared.paying_customers,
    compared.paid_rentals,
    compared.revenue,
    {{ ratio('compared.revenue', 'compared.payments') }} as avg_payment,
    sum(compared.revenue) over (
        order by compared.month rows between unbounded preceding and current row
    ) as running_revenue,
    {{ pct('compared.revenue - compared.previous_revenue', 'compared.previous_revenue') }} as mom_change_pct,
    span.begins_on > compared.month or span.ends_on < last_day(compared.month) as is_partial
from compared
cross join span
