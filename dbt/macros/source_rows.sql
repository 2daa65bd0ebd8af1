{#
  The rows of a raw table that the source still has.

  Change data capture keeps a deleted row and marks it in `_ab_cdc_deleted_at`, a column that a table loaded
  without it hasn't got. So the columns are looked up when the statement is built; while dbt parses there is no
  connection, and the table stands for itself. A view that was built before the column came would go on showing
  deleted rows: every run of dbt makes the views anew, and `assets` does when the columns of an input change.
#}
{% macro live(relation) -%}
  {%- if has_column(relation, '_ab_cdc_deleted_at') -%}
    (select * from {{ relation }} where _ab_cdc_deleted_at is null) as {{ relation.identifier }}
  {%- else -%}
    {{ relation }}
  {%- endif -%}
{%- endmacro %}

{# How many rows of a raw table its source has deleted: those that `live` leaves out. #}
{% macro deleted_rows(relation) -%}
  {%- if has_column(relation, '_ab_cdc_deleted_at') -%}
    count(_ab_cdc_deleted_at)
  {%- else -%}
    0
  {%- endif -%}
{%- endmacro %}

{# A column that not every source of this schema has; null where it is missing. #}
{% macro column_or_null(relation, name, type) -%}
  {%- if has_column(relation, name) -%}
    {{ name }}
  {%- else -%}
    cast(null as {{ type }})
  {%- endif -%}
{%- endmacro %}

{% macro has_column(relation, name) -%}
  {%- set columns = adapter.get_columns_in_relation(relation) if execute else [] -%}
  {{- return(name in columns | map(attribute='name') | map('lower')) -}}
{%- endmacro %}
