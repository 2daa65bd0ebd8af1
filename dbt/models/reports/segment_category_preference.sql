with customer as (select * from {{ ref('customer_segments') }}),

rental as (select * from {{ ref('fact_rental') }}),

film_category as (select * from {{ ref('bridge_film_category') }}),

rented as (
    select
        customer.segment,
        film_category.category_id,
        film_category.category,
        count(*) as rentals
    from rental
    inner join customer on rental.customer_id = customer.customer_id
    inner join film_category on rental.film_id = film_category.film_id
    group by customer.segment, film_category.category_id, film_category.category
),

ranked as (
    select
        segment,
        row_number() over (partition by segment order by rentals desc, category, category_id) as rank,
        category,
        rentals,
        sum(rentals) over (partition by segment) as segment_rentals
    from rented
)

select
    segment,
    rank,
    category,
    rentals,
    {{ pct('rentals', 'segment_rentals') }} as share_pct
from ranked
where rank <= 3
