-- `active` is the maintained column; `activebool` is always true.
select
    customer_id,
    store_id,
    first_name,
    last_name,
    email,
    address_id,
    coalesce(active, 0) <> 0 as is_active,
    create_date as created_on
from {{ live(source('dvd_rental', 'customer')) }}
