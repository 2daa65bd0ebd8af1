with staff as (select * from {{ ref('stg_staff') }})

select
    staff_id,
    first_name || ' ' || last_name as full_name,
    email,
    store_id,
    is_active
from staff
