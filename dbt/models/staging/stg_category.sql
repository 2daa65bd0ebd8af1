select
    category_id,
    name as category
from {{ live(source('dvd_rental', 'category')) }}
