with inventory as (select * from {{ ref('stg_inventory') }}),

rental as (select * from {{ ref('fact_rental') }}),

-- One window for all stores: from the first rental of the business to its last return.
business as (
    select datediff('microsecond', min(rental_date), max(return_date)) as microseconds_open
    from rental
),

stocked as (
    select
        store_id,
        count(distinct film_id) as titles,
        count(*) as copies
    from inventory
    group by store_id
),

rented as (
    select
        inventory_store_id as store_id,
        count(distinct inventory_id) as copies_ever_rented,
        count(*) as rentals,
        count(distinct case when not is_returned then inventory_id end) as copies_out,
        count(return_date) as returned,
        sum(microseconds_kept) as microseconds_kept
    from rental
    group by inventory_store_id
),

used as (
    select
        stocked.store_id,
        stocked.titles,
        stocked.copies,
        coalesce(rented.copies_ever_rented, 0) as copies_ever_rented,
        coalesce(rented.rentals, 0) as rentals,
        coalesce(rented.copies_out, 0) as copies_out,
        coalesce(rented.returned, 0) as returned,
        coalesce(rented.microseconds_kept, 0) as microseconds_kept,
        cast(stocked.copies as decimal(38, 0)) * business.microseconds_open as microseconds_available
    from stocked
    cross join business
    left join rented on stocked.store_id = rented.store_id
)

select
    store_id,
    titles,
    copies,
    copies_ever_rented,
    copies - copies_ever_rented as copies_never_rented,
    rentals,
    {{ ratio('rentals', 'copies') }} as rentals_per_copy,
    copies_out,
    {{ pct('copies_out', 'copies') }} as out_pct,
    {{ ratio('microseconds_kept', 'returned * ' ~ microseconds_per_day()) }} as avg_days_kept,
    {{ days('microseconds_kept') }} as rented_copy_days,
    {{ days('microseconds_available') }} as available_copy_days,
    {{ pct('microseconds_kept', 'microseconds_available') }} as utilisation_pct
from used
