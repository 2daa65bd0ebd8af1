with rental as (select * from {{ ref('stg_rental') }}),

inventory as (select * from {{ ref('stg_inventory') }}),

film as (select * from {{ ref('stg_film') }}),

payment as (select * from {{ ref('stg_payment') }}),

-- Sum payments before the join: a rental may have several.
paid as (
    select
        rental_id,
        count(*) as payments,
        sum(amount) as amount_paid
    from payment
    group by rental_id
),

kept as (
    select
        rental.*,
        inventory.film_id,
        inventory.store_id as inventory_store_id,
        {{ dbt.dateadd('day', 'film.rental_duration_days', 'rental.rental_date') }} as due_at,
        datediff('microsecond', rental.rental_date, rental.return_date) as microseconds_kept
    from rental
    left join inventory on rental.inventory_id = inventory.inventory_id
    left join film on inventory.film_id = film.film_id
)

select
    kept.rental_id,
    kept.rental_date,
    kept.return_date,
    kept.due_at,
    {{ date_key('kept.rental_date') }} as date_key,
    kept.customer_id,
    kept.staff_id,
    kept.inventory_id,
    kept.film_id,
    kept.inventory_store_id,
    kept.microseconds_kept,
    {{ days('kept.microseconds_kept') }} as days_kept,
    kept.return_date is not null as is_returned,
    coalesce(kept.return_date > kept.due_at, false) as is_late,
    coalesce(paid.payments, 0) as payments,
    coalesce(paid.amount_paid, 0) as amount_paid
from kept
left join paid on kept.rental_id = paid.rental_id
