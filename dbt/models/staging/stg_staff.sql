-- The password and the picture never leave the source.
select
    staff_id,
    first_name,
    last_name,
    address_id,
    email,
    store_id,
    active as is_active,
    username
from {{ live(source('dvd_rental', 'staff')) }}
