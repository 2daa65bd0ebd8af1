select
    actor_id,
    first_name,
    last_name
from {{ live(source('dvd_rental', 'actor')) }}
