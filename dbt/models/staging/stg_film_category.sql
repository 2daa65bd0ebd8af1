select
    film_id,
    category_id
from {{ live(source('dvd_rental', 'film_category')) }}
