{#
  The rows of a raw table that still exist in the source.

  Change data capture keeps deleted rows and sets `_ab_cdc_deleted_at`, a column that tables loaded without change
  data capture do not have. So the columns are looked up when dbt compiles the statement; while dbt parses, there is
  no connection, and the plain table is used. A view from before the column existed would show deleted rows: dbt
  recreates views in every run, and `assets` recreates a view if the columns of an input change.
#}
{% macro live(relation) -%}
  {%- if has_column(relation, '_ab_cdc_deleted_at') -%}
    (select * from {{ relation }} where _ab_cdc_deleted_at is null) as {{ relation.identifier }}
  {%- else -%}
    {{ relation }}
  {%- endif -%}
{%- endmacro %}

{# The number of rows of a raw table that the source deleted: those that `live` leaves out. #}
{% macro deleted_rows(relation) -%}
  {%- if has_column(relation, '_ab_cdc_deleted_at') -%}
    count(_ab_cdc_deleted_at)
  {%- else -%}
    0
  {%- endif -%}
{%- endmacro %}

{# A column that some versions of the source lack. Null if it is missing. #}
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
