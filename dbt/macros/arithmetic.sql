{#
  `numerator / denominator * factor`, rounded half away from zero to 4 places; null when there is nothing to divide by.
  Operands are whole numbers or have up to 2 decimals.

  DuckDB divides decimals as binary floats and Snowflake rounds a quotient to 6 places before anything else can,
  so either may round a half the wrong way. Here both ask how many whole times twice the denominator goes into twice the
  ten thousand numerators and one denominator more, which is that rounding, exact and the same on both.
#}
{% macro ratio(numerator, denominator, factor=1) -%}
  {%- set sign = 'sign(' ~ numerator ~ ') * sign(' ~ denominator ~ ')' -%}
  {%- set over = 'cast(abs(' ~ numerator ~ ') as decimal(38, 2))' -%}
  {%- set under = 'nullif(cast(abs(' ~ denominator ~ ') as decimal(38, 2)), 0)' -%}
  {%- set times = whole_quotient(over ~ ' * ' ~ 2 * 10000 * factor ~ ' + ' ~ under, under ~ ' * 2') -%}
  cast({{ sign }} * {{ times }} * 0.0001 as decimal(18, 4))
{%- endmacro %}

{# What `part` is of `whole`, 0 to 100, to 4 places. #}
{% macro pct(part, whole) -%}
  {{ ratio(part, whole, factor=100) }}
{%- endmacro %}

{# How many times the divisor goes into the dividend. Both are positive and have up to 2 decimals. #}
{% macro whole_quotient(dividend, divisor) -%}
  {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
  (cast(100 * ({{ dividend }}) as hugeint) // cast(100 * ({{ divisor }}) as hugeint))
{%- endmacro %}

{% macro snowflake__whole_quotient(dividend, divisor) -%}
  (({{ dividend }} - mod({{ dividend }}, {{ divisor }})) / ({{ divisor }}))
{%- endmacro %}
