/**
 * A common table expression `tree(oid)`: the relation `$1`, its partitions and inheriting tables, and the
 * relations that views are read through.
 */
export const RELATION_TREE = `
with recursive tree(oid) as (
  select $1::oid
  union
  select below.oid
  from tree t
  cross join lateral (
    select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = t.oid
    union all
    select d.refobjid
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d on d.objid = r.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
    where r.ev_class = t.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
  ) below(oid)
)`
