with rental as (select * from {{ ref('stg_rental') }}),

payment as (select * from {{ ref('stg_payment') }}),

touched as (
    select rental_date as moment from rental
    union all
    select return_date from rental
    union all
    select payment_date from payment
),

years as (
    select distinct cast(date_trunc('year', moment) as date) as new_year
    from touched
    where moment is not null
),

numbers as ({{ dbt.generate_series(366) }}),

days as (
    select
        years.new_year,
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'years.new_year') }} as date) as calendar_day
    from years
    cross join numbers
)

select
    {{ date_key('calendar_day') }} as date_key,
    calendar_day as date,
    extract(year from calendar_day) as year,
    extract(quarter from calendar_day) as quarter,
    extract(month from calendar_day) as month,
    cast(date_trunc('month', calendar_day) as date) as month_start,
    extract(day from calendar_day) as day,
    {{ iso_week('calendar_day') }} as iso_week,
    {{ iso_weekday('calendar_day') }} as weekday,
    {{ iso_weekday('calendar_day') }} in (6, 7) as is_weekend
from days
where extract(year from calendar_day) = extract(year from new_year)
