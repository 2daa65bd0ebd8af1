{# The key of a day in dim_date: 20070214. #}
{% macro date_key(moment) -%}
  extract(year from {{ moment }}) * 10000 + extract(month from {{ moment }}) * 100 + extract(day from {{ moment }})
{%- endmacro %}

{# Microseconds as days of 24 hours. Sum microseconds rather than days: sums of whole numbers do not depend on the order. #}
{% macro days(microseconds) -%}
  cast({{ microseconds }} as double) / {{ microseconds_per_day() }}
{%- endmacro %}

{# The type is wide enough for a product with any count. #}
{% macro microseconds_per_day() -%}
  cast(86400000000 as decimal(38, 0))
{%- endmacro %}

{# Monday is 1, Sunday 7. #}
{% macro iso_weekday(day) -%}
  {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(day) -%}
  isodow({{ day }})
{%- endmacro %}

{% macro snowflake__iso_weekday(day) -%}
  dayofweekiso({{ day }})
{%- endmacro %}

{% macro iso_week(day) -%}
  {{ return(adapter.dispatch('iso_week')(day)) }}
{%- endmacro %}

{% macro duckdb__iso_week(day) -%}
  weekofyear({{ day }})
{%- endmacro %}

{% macro snowflake__iso_week(day) -%}
  weekiso({{ day }})
{%- endmacro %}
