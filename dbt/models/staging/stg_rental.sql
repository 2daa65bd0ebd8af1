select
    rental_id,
    {{ utc('rental_date') }} as rental_date,
    inventory_id,
    customer_id,
    {{ utc('return_date') }} as return_date,
    staff_id
from {{ live(source('dvd_rental', 'rental')) }}
