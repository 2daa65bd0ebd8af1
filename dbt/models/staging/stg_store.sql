select
    store_id,
    manager_staff_id,
    address_id
from {{ live(source('dvd_rental', 'store')) }}
