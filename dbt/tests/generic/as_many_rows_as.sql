{# The model has one row per row of the raw table that is not deleted: no join lost or duplicated a row. #}
{% test as_many_rows_as(model, raw) %}
with built as (select count(*) as built_rows from {{ model }}),

landed as (select count(*) as raw_rows from {{ live(raw) }})

select *
from built
cross join landed
where built_rows <> raw_rows
{% endtest %}
