with film_category as (select * from {{ ref('stg_film_category') }}),

category as (select * from {{ ref('stg_category') }})

select
    film_category.film_id,
    category.category_id,
    category.category
from film_category
inner join category on film_category.category_id = category.category_id
