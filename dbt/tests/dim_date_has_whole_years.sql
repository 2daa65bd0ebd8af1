select
    year,
    count(*) as days
from {{ ref('dim_date') }}
group by year
having count(*) <> datediff('day', min(date), max(date)) + 1
    or min(date_key) <> year * 10000 + 101
    or max(date_key) <> year * 10000 + 1231
