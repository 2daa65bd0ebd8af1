{# Amounts arrive as binary floats. Staging makes them exact. #}
{% macro money(expression) -%}
  cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{#
  A timestamp with or without time zone, as a timestamp in UTC without time zone. It goes through microseconds since
  1970, which are equal for both types and independent of the time zone of the session.
#}
{% macro utc(column) -%}
  {{ return(adapter.dispatch('utc')(column)) }}
{%- endmacro %}

{% macro duckdb__utc(column) -%}
  make_timestamp(epoch_us({{ column }}))
{%- endmacro %}

{% macro snowflake__utc(column) -%}
  to_timestamp_ntz(date_part(epoch_microsecond, {{ column }}), 6)
{%- endmacro %}

{# An array of names as text, in the order of the array: `a, b`. Empty for an empty array, null for null. #}
{% macro names(column) -%}
  {{ return(adapter.dispatch('names')(column)) }}
{%- endmacro %}

{% macro duckdb__names(column) -%}
  array_to_string(cast(cast({{ column }} as json) as varchar[]), ', ')
{%- endmacro %}

{% macro snowflake__names(column) -%}
  array_to_string(array_compact({{ column }}), ', ')
{%- endmacro %}
