select
    inventory_id,
    film_id,
    store_id
from {{ live(source('dvd_rental', 'inventory')) }}
