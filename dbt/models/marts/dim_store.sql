with store as (select * from {{ ref('stg_store') }}),

staff as (select * from {{ ref('dim_staff') }}),

address as (select * from {{ ref('stg_address') }}),

city as (select * from {{ ref('stg_city') }}),

country as (select * from {{ ref('stg_country') }})

select
    store.store_id,
    store.manager_staff_id,
    staff.full_name as manager,
    address.address,
    address.district,
    city.city,
    country.country
from store
left join staff on store.manager_staff_id = staff.staff_id
left join address on store.address_id = address.address_id
left join city on address.city_id = city.city_id
left join country on city.country_id = country.country_id
