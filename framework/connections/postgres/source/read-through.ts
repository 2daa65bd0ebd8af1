/**
 * SQL of the oids of what a relation is read through directly: its partitions and inheriting tables, and what a view
 * reads. `oid` is the SQL expression of the relation.
 */
export const readThrough = (oid: string): string => `
    select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = ${oid}
    union all
    select d.refobjid
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d on d.objid = r.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
    where r.ev_class = ${oid} and d.refclassid = 'pg_catalog.pg_class'::regclass`
