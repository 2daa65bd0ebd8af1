with rental as (select * from {{ ref('fact_rental') }}),

film as (select * from {{ ref('dim_film') }}),

customer as (select * from {{ ref('dim_customer') }})

select
    rental.rental_id,
    rental.rental_date,
    rental.inventory_store_id as store_id,
    rental.inventory_id,
    rental.film_id,
    film.title,
    rental.customer_id,
    customer.full_name as customer,
    rental.staff_id,
    rental.due_at
from rental
left join film on rental.film_id = film.film_id
left join customer on rental.customer_id = customer.customer_id
where not rental.is_returned
