{# Money arrives as a binary float; from staging on it is exact. #}
{% macro money(expression) -%}
  cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{#
  A timestamp with or without zone, as the time in UTC without zone. By way of the microseconds since 1970, because
  they mean the same for both types, whatever the zone of the session that reads the view.
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

{# An array of names as text, in its own order: `a, b`. Empty for an empty array, null for none. #}
{% macro names(column) -%}
  {{ return(adapter.dispatch('names')(column)) }}
{%- endmacro %}

{% macro duckdb__names(column) -%}
  array_to_string(cast(cast({{ column }} as json) as varchar[]), ', ')
{%- endmacro %}

{% macro snowflake__names(column) -%}
  array_to_string(array_compact({{ column }}), ', ')
{%- endmacro %}
