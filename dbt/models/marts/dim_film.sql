with film as (select * from {{ ref('stg_film') }}),

language as (select * from {{ ref('stg_language') }}),

film_category as (select * from {{ ref('bridge_film_category') }}),

categories as (
    select
        film_id,
        {{ dbt.listagg('category', "', '", 'order by category') }} as categories
    from film_category
    group by film_id
)

select
    film.film_id,
    film.title,
    film.description,
    film.release_year,
    spoken.language,
    original.language as original_language,
    film.rating,
    film.length_minutes,
    film.rental_duration_days,
    film.rental_rate,
    film.replacement_cost,
    film.special_features,
    categories.categories
from film
left join language as spoken on film.language_id = spoken.language_id
left join language as original on film.original_language_id = original.language_id
left join categories on film.film_id = categories.film_id
