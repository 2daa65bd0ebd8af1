with rental as (select * from {{ ref('fact_rental') }}),

returned as (
    select
        inventory_store_id as store_id,
        count(*) as rentals,
        count(return_date) as returned,
        count(case when is_late then 1 end) as returned_late
    from rental
    group by inventory_store_id
)

select
    store_id,
    rentals,
    returned,
    returned_late,
    {{ pct('returned_late', 'returned') }} as late_pct
from returned
