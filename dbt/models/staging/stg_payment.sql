select
    payment_id,
    customer_id,
    staff_id,
    rental_id,
    {{ money('amount') }} as amount,
    {{ utc('payment_date') }} as payment_date
from {{ live(source('dvd_rental', 'payment')) }}
