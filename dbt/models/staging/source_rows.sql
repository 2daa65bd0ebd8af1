{% for table in [
    'actor', 'address', 'category', 'city', 'country', 'customer', 'film', 'film_actor', 'film_category',
    'inventory', 'language', 'payment', 'rental', 'staff', 'store',
] -%}
{% set landed = source('dvd_rental', table) -%}
select
    '{{ table }}' as source_table,
    count(*) - {{ deleted_rows(landed) }} as live_rows,
    {{ deleted_rows(landed) }} as deleted_rows
from {{ landed }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}
