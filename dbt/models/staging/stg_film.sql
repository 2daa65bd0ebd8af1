{% set film = source('dvd_rental', 'film') -%}

select
    film_id,
    title,
    description,
    release_year,
    language_id,
    {{ column_or_null(film, 'original_language_id', 'bigint') }} as original_language_id,
    rental_duration as rental_duration_days,
    {{ money('rental_rate') }} as rental_rate,
    length as length_minutes,
    {{ money('replacement_cost') }} as replacement_cost,
    rating,
    {{ names('special_features') }} as special_features
from {{ live(film) }}
