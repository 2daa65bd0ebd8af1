with customer as (select * from {{ ref('customer_segments') }}),

rental as (select * from {{ ref('fact_rental') }}),

segment as (
    select
        segment,
        count(*) as customers,
        sum(monetary) as revenue,
        sum(frequency) as payments,
        sum(recency_days) as recency_days,
        count(case when not is_active then 1 end) as inactive_customers
    from customer
    group by segment
),

rented as (
    select
        customer.segment,
        count(*) as rentals,
        count(rental.return_date) as returned,
        count(case when rental.is_late then 1 end) as returned_late,
        sum(rental.microseconds_kept) as microseconds_kept
    from rental
    inner join customer on rental.customer_id = customer.customer_id
    group by customer.segment
),

behaviour as (
    select
        segment.*,
        sum(segment.customers) over () as total_customers,
        sum(segment.revenue) over () as total_revenue,
        coalesce(rented.rentals, 0) as rentals,
        coalesce(rented.returned, 0) as returned,
        rented.returned_late,
        rented.microseconds_kept
    from segment
    left join rented on segment.segment = rented.segment
)

select
    segment,
    customers,
    {{ pct('customers', 'total_customers') }} as customer_share_pct,
    revenue,
    {{ pct('revenue', 'total_revenue') }} as revenue_share_pct,
    {{ ratio('revenue', 'customers') }} as avg_revenue_per_customer,
    {{ ratio('payments', 'customers') }} as avg_payments_per_customer,
    {{ ratio('revenue', 'payments') }} as avg_payment,
    {{ ratio('recency_days', 'customers') }} as avg_recency_days,
    rentals,
    {{ ratio('rentals', 'customers') }} as avg_rentals_per_customer,
    {{ ratio('microseconds_kept', 'returned * ' ~ microseconds_per_day()) }} as avg_days_kept,
    {{ pct('returned_late', 'returned') }} as late_return_pct,
    rentals - returned as rentals_not_returned,
    inactive_customers
from behaviour
