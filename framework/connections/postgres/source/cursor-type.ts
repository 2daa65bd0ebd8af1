import type { BaseType } from './column-expression.ts'
import { quoteIdentifier } from './sql.ts'

/** A column with its type; `SourceColumn` has it. */
export interface CursorColumn extends Pick<BaseType, 'name' | 'array'> {
  readonly column: string
}

/**
 * An SQL condition on `t`, the row of a column's type in pg_type: whether values of the type can be compared and
 * have a largest one. The server is asked, because that depends on its version and its extensions: `max(uuid)`
 * came with PostgreSQL 18. Arrays, enums and composites have the functions of their pseudo-types.
 */
export const IS_ORDERED = `(
  exists (
    select from pg_catalog.pg_opclass o
    join pg_catalog.pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
    cross join lateral (select case when t.typcategory = 'A' then t.typelem else t.oid end as oid) v
    join pg_catalog.pg_type vt on vt.oid = v.oid
    where o.opcdefault and ${accepts('o.opcintype', 'vt')}
  ) and exists (
    select from pg_catalog.pg_proc p
    join pg_catalog.pg_aggregate g on g.aggfnoid = p.oid
    where p.proname = 'max' and p.pronargs = 1 and pg_catalog.pg_function_is_visible(p.oid)
      and ${accepts('p.proargtypes[0]', 't')}
  ))`

/** Whether a parameter takes values of a type as they are. */
function accepts(parameter: string, type: string): string {
  const pseudo = [
    [`${type}.typcategory = 'A' and ${type}.typelem <> 0`, 'anyarray'],
    [`${type}.typtype = 'e'`, 'anyenum'],
    [`${type}.typtype = 'r'`, 'anyrange'],
    [`${type}.typtype = 'c'`, 'record'],
  ].map(([is, name]) => `or ${is} and ${parameter} = 'pg_catalog.${name}'::pg_catalog.regtype`)
  return `(${parameter} = ${type}.oid
    or exists (
      select from pg_catalog.pg_cast k
      where k.castsource = ${type}.oid and k.casttarget = ${parameter} and k.castmethod = 'b' and k.castcontext = 'i'
    )
    ${pseudo.join(' ')})`
}

/**
 * An SQL condition: whether the cursor of a row is a point that others follow. Null is not, and neither are
 * infinity, -infinity and NaN: as the largest value, nothing would ever be above it. Pure.
 */
export function isPoint({ column, name, array }: CursorColumn): string {
  const value = quoteIdentifier(column)
  switch (array ? name.replace(/^_/, '') : name) {
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'interval':
      return array ? hasOnlyPoints(value) : `isfinite(${value})`
    case 'float4':
    case 'float8':
    case 'numeric':
      // The difference of two infinities, or with NaN, is NaN.
      return array ? hasOnlyPoints(value) : `${value} - ${value} = 0`
    default:
      return `${value} is not null`
  }
}

const hasOnlyPoints = (value: string): string => `${value}::text !~* 'infinity|nan'`
