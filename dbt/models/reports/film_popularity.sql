with film as (select * from {{ ref('dim_film') }}),

inventory as (select * from {{ ref('stg_inventory') }}),

rental as (select * from {{ ref('fact_rental') }}),

stocked as (
    select
        film_id,
        count(*) as copies
    from inventory
    group by film_id
),

rented as (
    select
        film_id,
        count(*) as rentals,
        cast(sum(payments) as bigint) as payments,
        sum(amount_paid) as revenue
    from rental
    group by film_id
),

popularity as (
    select
        film.film_id,
        film.title,
        film.rating,
        film.rental_rate,
        film.rental_duration_days as rental_duration,
        film.replacement_cost,
        coalesce(stocked.copies, 0) as copies,
        coalesce(rented.rentals, 0) as rentals,
        coalesce(rented.payments, 0) as payments,
        coalesce(rented.revenue, 0) as revenue
    from film
    left join stocked on film.film_id = stocked.film_id
    left join rented on film.film_id = rented.film_id
)

select
    *,
    rank() over (order by rentals desc) as rentals_rank,
    rank() over (order by revenue desc) as revenue_rank
from popularity
