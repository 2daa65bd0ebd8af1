-- The store is the one that owns the copy, not the one that took the payment: staff of each store take payments for both.
with payment as (select * from {{ ref('stg_payment') }}),

rental as (select * from {{ ref('stg_rental') }}),

inventory as (select * from {{ ref('stg_inventory') }})

select
    payment.payment_id,
    payment.payment_date,
    {{ date_key('payment.payment_date') }} as date_key,
    payment.customer_id,
    payment.staff_id,
    payment.rental_id,
    inventory.film_id,
    inventory.store_id as inventory_store_id,
    payment.amount
from payment
left join rental on payment.rental_id = rental.rental_id
left join inventory on rental.inventory_id = inventory.inventory_id
