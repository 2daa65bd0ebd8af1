select
    country_id,
    country
from {{ live(source('dvd_rental', 'country')) }}
