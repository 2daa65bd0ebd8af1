{#
  `numerator / denominator * factor`, rounded half away from zero to 4 decimal places. Null if the denominator is 0 or null.
  Operands have at most 2 decimal places.

  DuckDB divides decimals as binary floats, and Snowflake first rounds a quotient to 6 places, so both may round a half
  the wrong way. Whole-number division is exact on both: round(10000 n / d) = (20000 n + d) // 2d, for positive
  n and d; the factor multiplies n.
#}
{% macro ratio(numerator, denominator, factor=1) -%}
  {%- set sign = 'sign(' ~ numerator ~ ') * sign(' ~ denominator ~ ')' -%}
  {%- set over = 'cast(abs(' ~ numerator ~ ') as decimal(38, 2))' -%}
  {%- set under = 'nullif(cast(abs(' ~ denominator ~ ') as decimal(38, 2)), 0)' -%}
  {%- set times = whole_quotient(over ~ ' * ' ~ 2 * 10000 * factor ~ ' + ' ~ under, under ~ ' * 2') -%}
  cast({{ sign }} * {{ times }} * 0.0001 as decimal(18, 4))
{%- endmacro %}

{# `part` as a percentage of `whole`, rounded to 4 decimal places. #}
{% macro pct(part, whole) -%}
  {{ ratio(part, whole, factor=100) }}
{%- endmacro %}

{# The whole-number quotient. Both operands are positive and have at most 2 decimal places. #}
{% macro whole_quotient(dividend, divisor) -%}
  {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
  (cast(100 * ({{ dividend }}) as hugeint) // cast(100 * ({{ divisor }}) as hugeint))
{%- endmacro %}

{% macro snowflake__whole_quotient(dividend, divisor) -%}
  (({{ dividend }} - mod({{ dividend }}, {{ divisor }})) / ({{ divisor }}))
{%- endmacro %}
