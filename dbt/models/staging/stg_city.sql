select
    city_id,
    city,
    country_id
from {{ live(source('dvd_rental', 'city')) }}
