with category as (select * from {{ ref('stg_category') }}),

film_category as (select * from {{ ref('bridge_film_category') }}),

rental as (select * from {{ ref('fact_rental') }}),

listed as (
    select
        category_id,
        count(*) as films
    from film_category
    group by category_id
),

rented as (
    select
        film_category.category_id,
        count(*) as rentals,
        sum(rental.amount_paid) as revenue
    from rental
    inner join film_category on rental.film_id = film_category.film_id
    group by film_category.category_id
),

popularity as (
    select
        category.category_id,
        category.category,
        coalesce(listed.films, 0) as films,
        coalesce(rented.rentals, 0) as rentals,
        coalesce(rented.revenue, 0) as revenue
    from category
    left join listed on category.category_id = listed.category_id
    left join rented on category.category_id = rented.category_id
)

select
    *,
    rank() over (order by rentals desc) as rentals_rank,
    rank() over (order by revenue desc) as revenue_rank,
    {{ ratio('revenue', 'rentals') }} as revenue_per_rental
from popularity
