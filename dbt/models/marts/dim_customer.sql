with customer as (select * from {{ ref('stg_customer') }}),

address as (select * from {{ ref('stg_address') }}),

city as (select * from {{ ref('stg_city') }}),

country as (select * from {{ ref('stg_country') }})

select
    customer.customer_id,
    customer.first_name,
    customer.last_name,
    customer.first_name || ' ' || customer.last_name as full_name,
    customer.email,
    customer.is_active,
    customer.store_id,
    address.address,
    address.district,
    address.postal_code,
    city.city,
    country.country_id,
    country.country,
    customer.created_on
from customer
left join address on customer.address_id = address.address_id
left join city on address.city_id = city.city_id
left join country on city.country_id = country.country_id
