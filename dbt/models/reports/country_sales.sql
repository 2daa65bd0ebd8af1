with country as (select * from {{ ref('stg_country') }}),

customer as (select * from {{ ref('dim_customer') }}),

rental as (select * from {{ ref('fact_rental') }}),

payment as (select * from {{ ref('fact_payment') }}),

-- Customers, rentals and payments are aggregated separately: a join of the three would multiply rows.
residing as (
    select
        country_id,
        count(*) as customers
    from customer
    group by country_id
),

rented as (
    select
        customer.country_id,
        count(*) as rentals
    from rental
    inner join customer on rental.customer_id = customer.customer_id
    group by customer.country_id
),

paid as (
    select
        customer.country_id,
        count(*) as payments,
        sum(payment.amount) as revenue
    from payment
    inner join customer on payment.customer_id = customer.customer_id
    group by customer.country_id
),

sales as (
    select
        country.country_id,
        country.country,
        coalesce(residing.customers, 0) as customers,
        coalesce(rented.rentals, 0) as rentals,
        coalesce(paid.payments, 0) as payments,
        coalesce(paid.revenue, 0) as revenue,
        sum(paid.revenue) over () as total_revenue
    from country
    left join residing on country.country_id = residing.country_id
    left join rented on country.country_id = rented.country_id
    left join paid on country.country_id = paid.country_id
)

select
    row_number() over (order by revenue desc, country, country_id) as rank,
    country,
    customers,
    rentals,
    payments,
    revenue,
    {{ pct('revenue', 'total_revenue') }} as revenue_share_pct,
    {{ ratio('revenue', 'customers') }} as revenue_per_customer
from sales
