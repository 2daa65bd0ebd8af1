select
    actor_id,
    film_id
from {{ live(source('dvd_rental', 'film_actor')) }}
